#!/usr/bin/env python3
"""Builds the site with Doxygen: the book and the API reference.

  book/tools/build_site.py --out FOLDER --node FOLDER    FOLDER/html/, with MathJax from npm's folder
  book/tools/build_site.py --out FOLDER --check          builds it to see that Doxygen has no warning and
                                                   that no link leads nowhere; MathJax may be missing
"""

import argparse
import html
import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import filter_markdown
from pages import BOOK, ROOT

TOOLS = BOOK / "tools"
THEME_FOLDERS = ["/usr/share/doxygen-awesome-css", "/opt/homebrew/share/doxygen-awesome-css"]
THEME = ["doxygen-awesome.css", "doxygen-awesome-sidebar-only.css"]
SCRIPTS = ["doxygen-awesome-darkmode-toggle.js", "doxygen-awesome-fragment-copy-button.js",
           "doxygen-awesome-paragraph-link.js"]


def skip(reason):
    print(reason)
    sys.exit(4)


def find_theme():
    for folder in map(Path, THEME_FOLDERS):
        if (folder / THEME[0]).is_file():
            return folder
    return None


def doxygen(*arguments, **options):
    return subprocess.run(["doxygen", *map(str, arguments)], text=True, capture_output=True, **options)


def write_header(out):
    """Doxygen's own header, of whatever version, with our scripts in place of its MathJax."""
    doxygen("-w", "html", out / "header.html", out / "footer.html", out / "style.css", cwd=out)
    header = (out / "header.html").read_text(encoding="utf-8")
    ours = (TOOLS / "site" / "head.html").read_text(encoding="utf-8")
    header = header.replace("$mathjax", "").replace("</head>", ours + "</head>")
    (out / "header.html").write_text(header, encoding="utf-8")


def quoted(paths):
    return " ".join(f'"{path}"' for path in paths)


def write_doxyfile(out, theme):
    figures = sorted((BOOK / "figures").glob("*.svg"))
    markdown = sorted(BOOK.glob("*.md")) + filter_markdown.DIARIES
    # Stages, the rooms inside them, and what all share.
    rooms = sorted(path for path in [*ROOT.glob("0*"), *ROOT.glob("0*/*")] if path.is_dir())
    rooms.append(ROOT / "common")
    # Doxygen hands the command to a shell; run from ROOT, no folder's name can break it.
    command = f"{sys.executable} {(TOOLS / 'filter_markdown.py').relative_to(ROOT)}"
    (out / "Doxyfile").write_text(
        (TOOLS / "site" / "Doxyfile").read_text(encoding="utf-8") + f"""
INPUT                  = {quoted(markdown + rooms + [TOOLS / "site" / "namespaces.dox"])}
OUTPUT_DIRECTORY       = "{out}"
STRIP_FROM_PATH        = "{ROOT}"
FILTER_PATTERNS        = "*.md={command}"
HTML_HEADER            = "{out / 'header.html'}"
HTML_EXTRA_STYLESHEET  = {quoted([theme / name for name in THEME] + [TOOLS / "site" / "book.css"])}
HTML_EXTRA_FILES       = {quoted([theme / name for name in SCRIPTS] + [TOOLS / "site" / "book.js"]
                                 + figures)}
""" + ("HTML_COLORSTYLE = LIGHT\n" if version() >= (1, 9, 5) else ""), encoding="utf-8")


def version():
    return tuple(int(number) for number in re.findall(r"\d+", doxygen("--version").stdout)[:3])


def source_page(folder, path):
    """The page that lists a source. Doxygen names it after the file, or, where several files have that
    name, after as much of the path as tells them apart."""
    escaped = path.replace("_", "__").replace(".", "_8").split("/")
    for i in reversed(range(len(escaped))):
        page = "_2".join(escaped[i:]) + "_source.html"
        if (folder / page).is_file():
            return page
    return None


def finish_links(folder):
    def put(match):
        page = source_page(folder, match.group(1))
        return f'href="{page}"' if page else match.group()  # dead_links() will tell

    for file in folder.glob("*.html"):
        text = file.read_text(encoding="utf-8")
        new = re.sub(r'href="source:([^"]+)"', put, text)
        if new != text:
            file.write_text(new, encoding="utf-8")


class Sections(HTMLParser):
    """The text of a page, cut at its headings."""

    def __init__(self):
        super().__init__()
        self.sections, self.title, self.heading = [{"title": "", "anchor": "", "text": []}], "", None
        self.skipping, self.in_contents = 0, False

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if attributes.get("class") == "title" or tag == "title":
            self.heading = "title"
        if tag in ("script", "style"):
            self.skipping += 1
        if attributes.get("class", "") and attributes["class"].split()[0] == "contents":
            self.in_contents = True
        if not self.in_contents:
            return
        if tag == "a" and "anchor" in attributes.get("class", ""):
            self.last_anchor = attributes.get("id", "")
        if tag in ("h1", "h2", "h3"):
            self.heading = tag
            self.sections.append({"title": "", "anchor": getattr(self, "last_anchor", ""), "text": []})

    def handle_endtag(self, tag):
        if tag in ("script", "style"):
            self.skipping -= 1
        if tag in ("h1", "h2", "h3", "title") or (tag == "div" and self.heading == "title"):
            self.heading = None

    def handle_data(self, data):
        if self.skipping:
            return
        if self.heading == "title":
            self.title = self.title or data.strip().split(": ", 1)[-1]
        elif self.heading and self.in_contents:
            self.sections[-1]["title"] += data
        elif self.in_contents:
            self.sections[-1]["text"].append(data)


def write_search_index(out):
    index = []
    for file in sorted((out / "html").glob("*.html")):
        if re.search(r"_source\.html$|^dir_|-members\.html$|^functions|^globals|^namespacemembers|"
                     r"^annotated|^hierarchy|^files\.html|^classes\.html", file.name):
            continue
        parser = Sections()
        text = file.read_text(encoding="utf-8")
        begin = text.find('<div class="header">')
        parser.feed(text[:text.find("</head>")] + text[max(begin, 0):])
        for section in parser.sections:
            words = " ".join(" ".join(section["text"]).split())
            if not words and not section["title"]:
                continue
            anchor = f"#{section['anchor']}" if section["anchor"] and section["title"] else ""
            index.append({"page": parser.title, "title": section["title"].strip() or parser.title,
                          "url": file.name + anchor, "text": words, "book": is_ours(file.name)})
    (out / "html" / "search_words.js").write_text(
        "const searchWords = " + json.dumps(index, ensure_ascii=False) + ";\n", encoding="utf-8")
    return index


def is_ours(file):
    """A page of the book; in those about the code Doxygen has some dead anchors of its own."""
    return file.startswith(("book_", "stage_", "index"))


def dead_links(folder):
    """Links and pictures of the site that lead nowhere."""
    anchors, faults = {}, []
    texts = {file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.html")}
    for name, text in texts.items():
        anchors[name] = set(re.findall(r'\b(?:id|name)="([^"]+)"', text))
    for name, text in texts.items():
        text = re.sub(r"<script.*?</script>", "", text, flags=re.S)
        for target in set(re.findall(r'\b(?:href|src)="([^"]+)"', text)):
            target = html.unescape(target)
            if re.match(r"(https?|mailto|data|javascript):", target) or target == "tex-svg.js":
                continue
            file, _, anchor = target.partition("#")
            file = file.partition("?")[0] or name
            if not (folder / file).exists():
                faults.append(f"{name}: there is no {target}")
            elif anchor and file in anchors and anchor not in anchors[file] and is_ours(file):
                faults.append(f"{name}: there is no #{anchor} in {file}")
    return faults


def fetches_from_elsewhere(folder):
    """Scripts, styles and pictures that a page would load from another machine."""
    return [f"{file.name}: loads {address}" for file in folder.glob("*.html") for address in
            re.findall(r'<(?:script|link|img)[^>]*?(?:src|href)="(https?://[^"]+)"',
                       file.read_text(encoding="utf-8"))]


def build(out, node, check):
    if not shutil.which("doxygen"):
        skip("the site is built by doxygen: install doxygen and doxygen-awesome-css")
    theme = find_theme()
    if not theme:
        skip("the site's theme is not here: install doxygen-awesome-css")
    mathjax = Path(node or "") / "node_modules" / "mathjax" / "es5" / "tex-svg.js"
    if not check and not mathjax.is_file():
        skip("formulas are set by mathjax: install nodejs and npm, and build the target book_node")
    out.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(out / "html", ignore_errors=True)
    write_header(out)
    write_doxyfile(out, theme)
    result = doxygen(out / "Doxyfile", cwd=ROOT)
    problems = [line for line in result.stderr.splitlines() if line.strip()]
    if result.returncode and not problems:
        problems = ["doxygen failed"]
    if not problems:
        finish_links(out / "html")
        write_search_index(out)
        problems = dead_links(out / "html") + fetches_from_elsewhere(out / "html")
    if mathjax.is_file():
        shutil.copy(mathjax, out / "html")
    for problem in problems[:40]:
        print(f"error: {problem}", file=sys.stderr)
    if not problems:
        print(f"the site is {out / 'html' / 'index.html'}")
    return 1 if problems else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--node")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    return build(arguments.out.resolve(), arguments.node, arguments.check)


if __name__ == "__main__":
    sys.exit(main())
