"""Listings: regions of the sources, by name.

<!-- code: 03_autograd/scalar_tape.cpp#function:ScalarTape::backward -->

fills what follows, up to <!-- /code -->. Regions, several separated by "; ":

  function:NAME           a function, by its name or by the beginning of its signature
                          (operator*(Value a, Value b)); with its template line
  type:NAME               a struct or class
  constant:NAME           a constant, to its semicolon
  step:3                  what the comment "// 3. …" announces, up to the next such comment
  NAME                    what lies between the comments "// [NAME]" and "// [/NAME]"

"A or B" takes the first that is there. "+comment" after a region includes the comment above it.
"""

import re
import textwrap

from pages import ROOT, Problem

LANGUAGES = {".cpp": "cpp", ".hpp": "cpp", ".cu": "cpp", ".cuh": "cpp", ".py": "python", ".sh": "sh",
             ".mjs": "js", ".sv": "systemverilog", ".v": "verilog", ".txt": "text"}

# Where an assignment's answer begins and ends; the book's reader does not see it.
SOLUTION_MARKS = re.compile(r"^ *// (?:BEGIN SOLUTION \S+|END SOLUTION)\n", re.M)


def blanked(source):
    """The source with comments and strings blanked out, every character at its place."""
    pattern = r'//[^\n]*|/\*.*?\*/|R"\((?:.|\n)*?\)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\''
    return re.sub(pattern, lambda m: re.sub(r"[^\n]", " ", m.group()), source, flags=re.S)


def closing(code, start, pair):
    """The position behind the bracket that closes the one at `start`."""
    depth = 0
    for i in range(start, len(code)):
        depth += (code[i] == pair[0]) - (code[i] == pair[1])
        if depth == 0:
            return i + 1
    raise ValueError("a bracket is not closed")


def body_of(code, after_parameters):
    """Where the body that follows a parameter list begins; None if there is none."""
    rest = code[after_parameters:]
    plain = re.match(r"\s*(?:const|noexcept|override|final|->\s*[\w:<>&*\s]+?|\s)*\{", rest)
    if plain:
        return after_parameters + plain.end() - 1
    if not re.match(r"\s*(?:noexcept)?\s*:(?!:)", rest):
        return None
    # A constructor: members, each with its brackets, up to a brace that no member's name precedes.
    position = after_parameters + rest.index(":") + 1
    member = re.compile(r"\s*[\w:<>]+\s*([({])")
    while match := member.match(code, position):
        bracket = match.start(1)
        position = closing(code, bracket, "()" if code[bracket] == "(" else "{}")
        comma = re.compile(r"\s*,").match(code, position)
        if not comma:
            brace = re.compile(r"\s*\{").match(code, position)
            return brace.end() - 1 if brace else None
        position = comma.end()
    return None


def find_function(code, name):
    bare = name.split("(")[0]
    pattern = r"(?<![\w.>:~])" + re.escape(bare) + r"\s*\("
    wanted = re.sub(r"\s+", "", name)
    for match in re.finditer(pattern, code):
        end = closing(code, match.end() - 1, "()")
        if not re.sub(r"\s+", "", code[match.start():end]).startswith(wanted):
            continue
        body = body_of(code, end)
        if body is not None:
            return match.start(), closing(code, body, "{}")
    return None


def find_type(code, name):
    match = re.search(r"\b(?:struct|class|enum class)\s+" + re.escape(name) + r"\b[^;{}()]*\{", code)
    if not match:
        return None
    end = closing(code, match.end() - 1, "{}")
    return match.start(), code.index(";", end) + 1


def find_constant(code, name):
    match = re.search(r"^[^\n]*\b(?:constexpr|const)\b[^;{}()=]*\b" + re.escape(name) + r"\b\s*[={]",
                      code, re.M)
    return (match.start(), code.index(";", match.end()) + 1) if match else None


def find_step(source, number):
    match = re.search(rf"^( *)// {number}\. ", source, re.M)
    if not match:
        return None
    indent = match.group(1)
    rest = source[match.end():]
    end = re.search(rf"\n+{indent}// \d+\. |\n(?!\n)(?!{indent})", rest)
    return match.start(), match.end() + (end.start() if end else len(rest))


def find_marks(source, name):
    match = re.search(rf"^ *// \[{re.escape(name)}\] *\n(.*?)^ *// \[/{re.escape(name)}\]", source,
                      re.M | re.S)
    return match.span(1) if match else None


def whole_lines(source, span, comment):
    """Begins with the line of the declaration's first word, and the template line above it."""
    start, end = span
    start = source.rfind("\n", 0, start) + 1
    while start > 0:
        before = source.rfind("\n", 0, start - 1) + 1
        line = source[before:start].strip()
        if comment and line.startswith("//"):
            start = before
        elif line.startswith(("template", "[[")) and not line.endswith((";", "}")):
            start = before
        else:
            break
    return source[start:end]


def region(path, wanted):
    source = path.read_text(encoding="utf-8")
    comment = wanted.endswith("+comment")
    wanted = wanted.removesuffix("+comment")
    kind, _, name = wanted.partition(":")
    if kind == "step":
        span = find_step(source, int(name))
    elif kind in ("function", "type", "constant"):
        finder = {"function": find_function, "type": find_type, "constant": find_constant}[kind]
        span = finder(blanked(source), name)
    else:
        span = find_marks(source, wanted)
    if span is None:
        raise Problem(f"there is no {wanted} in {path.relative_to(ROOT)}")
    text = source[slice(*span)] if kind == "step" else whole_lines(source, span, comment)
    text = SOLUTION_MARKS.sub("", text)
    return textwrap.dedent(text.rstrip() if kind != "step" else text.rstrip("\n"))


def first_region(path, choices):
    """The first of the regions "A or B" that is there."""
    *others, last = choices.split(" or ")
    for wanted in others:
        try:
            return region(path, wanted.strip())
        except Problem:
            continue
    return region(path, last.strip())


def moved(argument):
    """The argument with the file's new place, if a file of that name is only in one other room."""
    name, _, regions = argument.partition("#")
    if (ROOT / name).is_file():
        return argument
    *_, base = name.split("/")
    found = [path for path in ROOT.glob(f"{name.split('/')[0]}/**/{base}") if path.is_file()]
    return f"{found[0].relative_to(ROOT)}#{regions}" if len(found) == 1 else argument


def fill(argument, _, page):
    """What stands between <!-- code: argument --> and <!-- /code -->."""
    name, _, regions = argument.partition("#")
    path = ROOT / name
    if not path.is_file():
        raise Problem(f"there is no file {name}")
    parts = [first_region(path, choices) for choices in regions.split("; ")]
    up = "../" * len(page.relative_to(ROOT).parents[:-1])
    return (f"```{LANGUAGES.get(path.suffix, '')}\n" + "\n\n".join(parts) + "\n```\n"
            f"<sub>[{name}]({up}{name})</sub>\n")
