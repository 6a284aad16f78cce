"""Numbers: from the files in book/results/, never typed.

<!-- number: ladder.json stages[stage=04_mlp].nll.corpus %.4f -->2.1076<!-- /number -->

The expression may calculate with +, -, *, /, exp() and log(). A file or a figure that is not there
gives "–".

<!-- table: ladder.json stages | stage=stage | NLL=nll.corpus %.4f -->

fills the table up to <!-- /table -->: a row for each element, a column for each heading=path.
"""

import ast
import json
import math
import operator
import re

from pages import BOOK, Problem

NOTHING = "–"
RESULTS = BOOK / "results"
PATH = re.compile(r"[A-Za-z_]\w*(?:\.\w+|\[[^\]]*\])*")
FUNCTIONS = {"exp": math.exp, "log": math.log, "abs": abs, "len": len}
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
             ast.Div: operator.truediv}


def load(name):
    path = RESULTS / name
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def matches(element, conditions):
    for condition in conditions.split(","):
        key, _, value = condition.partition("=")
        if json.dumps(lookup(element, key)).strip('"') != value:
            return False
    return True


def lookup(value, path):
    """a.b[3].c, or a[stage=04_mlp].c for the first element whose stage that is."""
    for key, index in re.findall(r"\.?(\w+)|\[([^\]]*)\]", path):
        if value is None:
            return None
        if key:
            if key not in value:
                raise Problem(f"there is no {key} in {path}")
            value = value[key]
        elif index.lstrip("-").isdigit():
            value = value[int(index)]
        else:
            value = next((element for element in value if matches(element, index)), None)
    return value


def evaluate(expression, data):
    """None if one of the figures is not there."""
    values = []

    def put(match):
        if match.group() in FUNCTIONS:
            return match.group()
        values.append(lookup(data, match.group()))
        return f"_{len(values) - 1}"

    tree = ast.parse(PATH.sub(put, expression), mode="eval").body
    if any(value is None for value in values):
        return None

    def calculate(node):
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return values[int(node.id[1:])]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -calculate(node.operand)
        if isinstance(node, ast.BinOp):
            return OPERATORS[type(node.op)](calculate(node.left), calculate(node.right))
        if isinstance(node, ast.Call):
            return FUNCTIONS[node.func.id](*map(calculate, node.args))
        raise Problem(f"cannot calculate {expression}")

    return calculate(tree)


def shown(value, form):
    if value is None:
        return NOTHING
    if form == "%,":
        return f"{value:,.0f}"
    if form:
        return form % value
    if isinstance(value, list):
        return ", ".join(shown(item, "") for item in value)
    return str(value)


def split_format(text):
    match = re.match(r"(.*?)(?:\s+(%\S+))?$", text.strip())
    return match.group(1), match.group(2) or ""


def fill_number(argument, _, page):
    name, _, rest = argument.partition(" ")
    expression, form = split_format(rest)
    data = load(name)
    return shown(None if data is None else evaluate(expression, data), form)


def fill_table(argument, _, page):
    source, *columns = [part.strip() for part in re.split(r"\s\|\s", argument)]
    name, _, path = source.partition(" ")
    conditions = re.search(r"\[([^\]]*=[^\]]*)\]$", path)
    path = path[:conditions.start()] if conditions else path
    headings, cells = [], []
    for column in columns:
        heading, _, cell = column.partition("=")
        headings.append(heading.strip())
        cells.append(split_format(cell))
    lines = ["| " + " | ".join(headings) + " |",
             "|" + "|".join("---:" if form else "---" for _, form in cells) + "|"]
    data = load(name)
    rows = [] if data is None else lookup(data, path) if path else data
    for row in rows:
        if conditions and not matches(row, conditions.group(1)):
            continue
        lines.append("| " + " | ".join(shown(evaluate(expression, row), form)
                                       for expression, form in cells) + " |")
    if not rows:
        lines.append("| " + " | ".join(NOTHING for _ in cells) + " |")
    return "\n" + "\n".join(lines) + "\n\n"
