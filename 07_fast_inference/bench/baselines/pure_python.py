"""microGPT's forward pass in Python alone, one multiplication at a time, with a KV cache."""

import math

from microgpt_weights import main


def matvec(weights, x):
    return [sum(w * v for w, v in zip(row, x)) for row in weights]


def rmsnorm(x):
    scale = 1 / math.sqrt(sum(v * v for v in x) / len(x) + 1e-5)
    return [v * scale for v in x]


def attend(query, keys, values):
    result = []
    for head in range(0, 16, 4):
        q = query[head:head + 4]
        scores = [sum(a * b for a, b in zip(q, key[head:head + 4])) / 2 for key in keys]
        largest = max(scores)
        weights = [math.exp(score - largest) for score in scores]
        total = sum(weights)
        for i in range(head, head + 4):
            result.append(sum(w * value[i] for w, value in zip(weights, values)) / total)
    return result


def forward(w):
    keys, values = [], []

    def logits(token, position):
        if position == 0:
            keys.clear()
            values.clear()
        x = rmsnorm([a + b for a, b in zip(w["wte"][token], w["wpe"][position])])
        h = rmsnorm(x)
        keys.append(matvec(w["layer0.attn_wk"], h))
        values.append(matvec(w["layer0.attn_wv"], h))
        heads = attend(matvec(w["layer0.attn_wq"], h), keys, values)
        x = [a + b for a, b in zip(x, matvec(w["layer0.attn_wo"], heads))]
        hidden = [max(0.0, v) for v in matvec(w["layer0.mlp_fc1"], rmsnorm(x))]
        x = [a + b for a, b in zip(x, matvec(w["layer0.mlp_fc2"], hidden))]
        return matvec(w["lm_head"], x)

    return logits


if __name__ == "__main__":
    main("python", forward)
