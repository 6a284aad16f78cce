"""The pages of the book, and what every tool needs to know about them."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"


class Problem(Exception):
    """One line that says what is wrong, and what to do."""


def pages():
    """The book's own pages."""
    return sorted(BOOK.glob("*.md"))


def readmes():
    """Pages outside the book whose commands and links are checked as well."""
    found = [path for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md") if path.is_file()]
    for pattern in ("0*/*.md", "0*/*/*.md", "common/**/*.md"):
        found += sorted(ROOT.glob(pattern))
    return found


def name_of(path):
    return str(path.relative_to(ROOT))


def read(path):
    return path.read_text(encoding="utf-8")


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def chapters():
    """The book's pages in reading order: as book/README.md lists them."""
    contents = read(BOOK / "README.md")
    order = re.findall(r"^\d+\. \[.*?\]\((\w+\.md)\)|^ *- \[.*?\]\((\w+\.md)\)", contents, re.M)
    return [BOOK / (a or b) for a, b in order]


def title_of(path):
    match = re.search(r"^# (.+)$", read(path), re.M)
    if not match:
        raise Problem(f"{name_of(path)}: there is no title, a line that begins with '# '")
    return match.group(1).strip()


def slug(heading):
    """The anchor that GitHub gives a heading."""
    heading = re.sub(r"<[^>]*>", "", heading)
    heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    heading = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return heading.replace(" ", "-")


def without_fences(text):
    """The same text, of the same length, with fenced code blanked out."""
    return re.sub(r"^(```|~~~).*?^\1[ ]*$", lambda m: re.sub(r"[^\n]", " ", m.group()), text,
                  flags=re.M | re.S)


def without_code(text):
    """… and with code within a line blanked out too."""
    return re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", lambda m: re.sub(r"[^\n]", " ", m.group()),
                  without_fences(text), flags=re.S)
