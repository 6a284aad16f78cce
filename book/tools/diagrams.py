"""The diagrams, drawn here: SVG in mid-tones, to be read on white and on black."""

from pages import BOOK

TONE, BLUE, ORANGE, GREEN, RED = "#787878", "#2F86C0", "#C88400", "#009E73", "#D55E00"


class Drawing:
    def __init__(self, width, height, title):
        self.width, self.height, self.title = width, height, title
        self.parts = []

    def text(self, x, y, text, colour=TONE, size=14, anchor="middle", style=""):
        text = text.replace("&", "&amp;").replace("<", "&lt;")
        self.parts.append(f'<text x="{x:g}" y="{y:g}" fill="{colour}" font-size="{size}" '
                          f'text-anchor="{anchor}"{style}>{text}</text>')

    def box(self, x, y, w, h, colour=TONE, fill="none", opacity=1, radius=4):
        self.parts.append(f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="{radius}" '
                          f'fill="{fill}" fill-opacity="{opacity:g}" stroke="{colour}"/>')

    def arrow(self, x1, y1, x2, y2, colour=TONE, dashed=False):
        dash = ' stroke-dasharray="4 3"' if dashed else ""
        self.parts.append(f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{colour}" '
                          f'stroke-width="1.5" marker-end="url(#head-{colour[1:]})"{dash}/>')

    def svg(self):
        heads = "".join(
            f'<marker id="head-{c[1:]}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
            f'markerHeight="7" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="{c}"/></marker>'
            for c in (TONE, BLUE, ORANGE, GREEN, RED))
        return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" '
                f'height="{self.height}" viewBox="0 0 {self.width} {self.height}" '
                f'font-family="Helvetica, Arial, sans-serif" role="img">\n'
                f"<title>{self.title}</title>\n<defs>{heads}</defs>\n"
                + "\n".join(self.parts) + "\n</svg>\n")


def computation_graph():
    """f = tanh(a b + c), with values and gradients calculated here, as the tape does it."""
    import math
    a, b, c = 0.5, -2.0, 1.5
    product, total = a * b, a * b + c
    f = math.tanh(total)
    d_total = 1 - f * f
    nodes = {  # x, y, name, value, gradient
        "a": (20, 20, "a", a, d_total * b), "b": (20, 100, "b", b, d_total * a),
        "c": (200, 160, "c", c, d_total), "ab": (200, 60, "a · b", product, d_total),
        "sum": (380, 100, "a b + c", total, d_total), "f": (560, 100, "tanh", f, 1.0)}
    d = Drawing(700, 230, "The computation graph of f = tanh(a b + c)")
    edges = [("a", "ab", b), ("b", "ab", a), ("ab", "sum", 1), ("c", "sum", 1), ("sum", "f", d_total)]
    for start, end, local in edges:
        x1, y1 = nodes[start][0] + 110, nodes[start][1] + 25
        x2, y2 = nodes[end][0], nodes[end][1] + 25
        d.arrow(x1, y1, x2 - 2, y2, TONE)
        d.text((x1 + x2) / 2, (y1 + y2) / 2 - 6, f"× {local:.4g}", ORANGE, 12)
    for x, y, name, value, gradient in nodes.values():
        d.box(x, y, 110, 50)
        d.text(x + 55, y + 16, name, TONE, 13)
        d.text(x + 8, y + 40, f"{value:.4f}", BLUE, 13, "start")
        d.text(x + 102, y + 40, f"{gradient:.4f}", RED, 13, "end")
    d.text(20, 222, "value, calculated forwards", BLUE, 12, "start")
    d.text(250, 222, "d f / d node, calculated backwards", RED, 12, "start")
    d.text(520, 222, "derivative along an edge", ORANGE, 12, "start")
    return d


def causal_attention():
    """Which position may look at which, for one name."""
    tokens = ["·", "e", "m", "m", "a"]
    d = Drawing(460, 300, "Causal attention over the name emma")
    size, left, top = 40, 170, 60
    d.text(left + 2.5 * size, 20, "what it may look at (keys and values)", TONE, 13)
    for i, token in enumerate(tokens):
        d.text(left + (i + 0.5) * size, top - 10, token, TONE, 15)
        d.text(left - 16, top + (i + 0.62) * size, token, TONE, 15)
        d.text(left + 5 * size + 14, top + (i + 0.62) * size,
               "→ " + (tokens[i + 1] if i < 4 else "·"), BLUE, 15, "start")
        for j in range(5):
            if j <= i:
                d.box(left + j * size + 2, top + i * size + 2, size - 4, size - 4, BLUE, BLUE, 0.55)
            else:
                d.box(left + j * size + 2, top + i * size + 2, size - 4, size - 4)
                d.text(left + (j + 0.5) * size, top + (i + 0.6) * size, "−∞", TONE, 12)
    d.text(20, top + 2.4 * size, "position", TONE, 13, "start")
    d.text(20, top + 2.85 * size, "(query)", TONE, 13, "start")
    d.text(left + 5 * size + 14, 20, "predicts", BLUE, 13, "start")
    d.text(left + 2.5 * size, 290, "a score of −∞ becomes a weight of exactly 0", TONE, 12)
    return d


def softmax_bars():
    """Three logits become three probabilities."""
    import math
    logits = [("a", 2.0), ("e", 1.0), ("q", -1.0)]
    weights = [math.exp(value) for _, value in logits]
    d = Drawing(620, 190, "Softmax of three logits")
    columns = [(60, "logit", [v for _, v in logits], 22, BLUE),
               (250, "exp(logit)", weights, 12, ORANGE),
               (440, "÷ their sum", [w / sum(weights) for w in weights], 100, GREEN)]
    for x, heading, values, scale, colour in columns:
        d.text(x + 60, 18, heading, TONE, 14)
        for row, value in enumerate(values):
            y = 40 + row * 44
            start = x + 40 if heading == "logit" else x
            width = abs(value) * scale
            d.box(start if value > 0 else start - width, y, width, 22, colour, colour, 0.55, 2)
            d.text(max(start, start + value * scale) + 6, y + 16, f"{value:.2f}", TONE, 13, "start")
    for row, (name, _) in enumerate(logits):
        d.text(20, 40 + row * 44 + 17, name, TONE, 16)
    d.text(310, 180, "positive, and 1 in sum; the order stays", TONE, 12)
    return d


def stage_of_gpt():
    """The architecture, from tokens to logits."""
    d = Drawing(720, 250, "The forward pass of the GPT")
    boxes = [(10, "token", "wte"), (10, "position", "wpe")]
    d.box(10, 40, 110, 40, BLUE)
    d.text(65, 65, "wte[token]", TONE, 13)
    d.box(10, 110, 110, 40, BLUE)
    d.text(65, 135, "wpe[position]", TONE, 13)
    d.text(150, 101, "+", TONE, 20)
    d.arrow(120, 60, 142, 88)
    d.arrow(120, 130, 142, 104)
    steps = [(180, "RMSNorm", GREEN), (275, "attention", ORANGE), (415, "RMSNorm", GREEN),
             (510, "MLP", ORANGE)]
    d.arrow(160, 95, 178, 95)
    for x, name, colour in steps:
        d.box(x, 75, 80, 40, colour)
        d.text(x + 40, 100, name, TONE, 13)
    d.arrow(260, 95, 273, 95)
    d.arrow(355, 95, 374, 95)
    d.text(384, 101, "+", TONE, 20)
    d.arrow(394, 95, 413, 95)
    d.arrow(495, 95, 508, 95)
    d.arrow(590, 95, 609, 95)
    d.text(619, 101, "+", TONE, 20)
    for x1, x2 in ((168, 384), (402, 619)):
        d.parts.append(f'<path d="M{x1},95 V30 H{x2} V82" fill="none" stroke="{TONE}" '
                       f'stroke-width="1.5" marker-end="url(#head-{TONE[1:]})"/>')
    d.text(276, 22, "what was there is kept, the new is added", TONE, 12)
    d.text(510, 22, "and once more", TONE, 12)
    d.box(650, 75, 62, 40, BLUE)
    d.text(681, 100, "lm_head", TONE, 13)
    d.arrow(629, 95, 648, 95)
    d.arrow(681, 115, 681, 150)
    d.text(681, 170, "27 logits", TONE, 13)
    d.text(315, 145, "positions exchange", TONE, 12)
    d.text(315, 161, "what they know", TONE, 12)
    d.text(550, 145, "each thinks", TONE, 12)
    d.text(550, 161, "for itself", TONE, 12)
    d.text(360, 220, "a vector of 16 numbers for each position, all the way from left to right", TONE, 13)
    return d


def mlp():
    """Three letters side by side, a hidden layer, 27 logits."""
    d = Drawing(700, 230, "The multilayer perceptron: three embeddings, a hidden layer, logits")
    for row, letter in enumerate("emm"):
        y = 30 + row * 56
        d.box(10, y, 34, 34, BLUE)
        d.text(27, y + 23, letter, TONE, 16)
        d.arrow(44, y + 17, 76, y + 17)
        for i in range(10):
            d.box(80 + i * 13, y + 5, 12, 24, BLUE, BLUE, 0.2 + 0.06 * ((i * 5 if letter == "e" else 3 + i * 7) % 10), 1)
        d.arrow(212, y + 17, 316, 103)
    d.text(145, 205, "embeddings: 3 × 10 numbers", TONE, 12)
    d.text(145, 221, "(equal letters, equal vectors)", TONE, 12)
    for i in range(16):
        d.box(322 + (i % 2) * 15, 30 + (i // 2) * 18, 12, 14, ORANGE, ORANGE, 0.25 + 0.05 * (i * 7 % 9), 7)
    d.text(335, 205, "64 hidden units", TONE, 12)
    d.text(335, 221, "tanh(30 products + bias)", TONE, 12)
    d.arrow(358, 103, 420, 103)
    logits = [(x * 37 % 23) / 5 for x in range(27)]
    for i, value in enumerate(logits):
        d.box(426 + i * 9, 103 - value * 8, 8, value * 8 + 2, GREEN, GREEN, 0.5, 1)
    for i, letter in enumerate("abcdefghijklmnopqrstuvwxyz·"):
        d.text(430 + i * 9, 120, letter, TONE, 9)
    d.text(547, 205, "27 logits: how much each", TONE, 12)
    d.text(547, 221, "letter is wanted next", TONE, 12)
    return d


def xor_diagonals():
    """How the column engine keeps a matrix: along its XOR diagonals (a 4 × 4 piece)."""
    colours = [BLUE, ORANGE, GREEN, RED]
    d = Drawing(700, 300, "Memory layout of the engine columns: XOR diagonals")
    size = 44
    d.text(40 + 2 * size, 22, "W: row i, column j", TONE, 13)
    for i in range(4):
        for j in range(4):
            d.box(40 + j * size + 2, 34 + i * size + 2, size - 4, size - 4, colours[i ^ j],
                  colours[i ^ j], 0.35)
            d.text(40 + (j + .5) * size, 34 + (i + .6) * size, f"{i}{j}", TONE, 14)
    left = 290
    d.text(left + 2 * size, 22, "in memory: a vector a row", TONE, 13)
    d.text(left + 6.6 * size, 22, "times x, shuffled", TONE, 13)
    for k in range(4):
        for i in range(4):
            d.box(left + i * size + 2, 34 + k * size + 2, size - 4, size - 4, colours[k],
                  colours[k], 0.35)
            d.text(left + (i + .5) * size, 34 + (k + .6) * size, f"{i}{i ^ k}", TONE, 14)
            d.text(left + (5 + i * 0.8) * size, 34 + (k + .6) * size, f"x{i ^ k}", colours[k], 14)
        d.text(left + 4.45 * size, 34 + (k + .6) * size, "·", TONE, 18)
    d.text(left + 2 * size, 34 + 4.7 * size, "lane 0 … lane 3, added up downwards:", TONE, 12)
    for i in range(4):
        d.text(left + (i + .5) * size, 34 + 5.3 * size, f"y{i}", TONE, 15)
    d.text(40 + 2 * size, 34 + 4.7 * size, "one colour: i XOR j is the same", TONE, 12)
    return d


def beginnings_of(names):
    """Every beginning once, in the order of a walk through the trie: (beginning, what follows it)."""
    rows = {}
    for name in sorted(names):
        for end in range(len(name) + 1):
            following = rows.setdefault(name[:end], {})
            letter = (name + "·")[end]
            following[letter] = following.get(letter, 0) + 1
    return sorted(rows.items())


def packed_batch():
    """The same four names as rows: padded, packed, and merged."""
    names = ["ana", "anna", "anne", "bo"]
    merged = beginnings_of(names)
    packed = [("·" + name)[t] for name in names for t in range(len(name) + 1)]
    d = Drawing(720, 330, "A batch of four names: padded, packed, and with every beginning once")
    cell, top, row_height = 15, 50, 15

    d.text(10, 20, "padded", TONE, 14, "start")
    d.text(10, 38, f"4 × 16 = {16 * len(names)} rows", TONE, 12, "start")
    for i, name in enumerate(names):
        for t in range(16):
            real = t <= len(name)
            d.box(10 + t * cell, top + i * 22, cell - 2, 18, BLUE if real else TONE,
                  BLUE if real else "none", 0.45 if real else 1, 1)
            if real:
                d.text(10 + t * cell + 6.5, top + i * 22 + 13, ("·" + name)[t], TONE, 12)
    d.text(10, top + 110, "empty boxes are computed", TONE, 12, "start")
    d.text(10, top + 126, "like any other, for nothing", TONE, 12, "start")

    left = 300
    d.text(left, 20, "packed", TONE, 14, "start")
    d.text(left, 38, f"(N, d), N = {len(packed)}", TONE, 12, "start")
    for i, letter in enumerate(packed):
        y = top + i * row_height
        d.text(left + 6, y + 11, letter, TONE, 12)
        d.box(left + 18, y + 1, 92, row_height - 2, BLUE, BLUE, 0.2 if letter == "·" else 0.45, 1)

    left = 460
    d.text(left, 20, "merged", TONE, 14, "start")
    d.text(left, 38, f"N = {len(merged)}: the batch is a trie", TONE, 12, "start")
    d.text(left + 258, 38, "targets", ORANGE, 12, "end")
    for i, (beginning, following) in enumerate(merged):
        y, depth = top + i * 24, len(beginning)
        d.text(left + 8 + depth * 18, y + 15, ("·" + beginning)[-1], TONE, 13)
        d.box(left + 100, y + 3, 92, row_height, BLUE, BLUE, 0.45, 1)
        d.text(left + 258, y + 15, " ".join(f"{letter}×{count}" if count > 1 else letter
                                            for letter, count in sorted(following.items())),
               ORANGE, 13, "end")
    return d


ALL = {"computation_graph": computation_graph, "causal_attention": causal_attention,
       "softmax": softmax_bars, "gpt": stage_of_gpt, "mlp": mlp, "xor_diagonals": xor_diagonals,
       "packed_batch": packed_batch}


def drawings():
    return {name: draw().svg() for name, draw in ALL.items()}


def draw_all():
    for name, svg in drawings().items():
        (BOOK / "figures" / f"{name}.svg").write_text(svg, encoding="utf-8")
    return 0
