#!/usr/bin/env python3
"""The book on one page, for printing, and as PDF where there is Chromium:
print_book.py --site FOLDER, after build_site.py has made FOLDER/html/."""

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pages
from filter_markdown import page_id

STYLE = """
body { font-family: Georgia, 'DejaVu Serif', serif; font-size: 11pt; line-height: 1.45;
  max-width: 46em; margin: 2em auto; padding: 0 1em; color: #111; }
section { page-break-before: always; } section:first-of-type { page-break-before: avoid; }
h1 { font-size: 16pt; } h2 { font-size: 13pt; } h3 { font-size: 11pt; }
section > h1:first-child { font-size: 24pt; margin-bottom: 1em; }
h1, h2, h3 { font-family: Helvetica, Arial, sans-serif; line-height: 1.2; page-break-after: avoid; }
pre, .fragment { font-family: 'DejaVu Sans Mono', monospace; font-size: 8.2pt; line-height: 1.35;
  background: #f4f4f4; padding: .6em; white-space: pre-wrap; border-radius: 4px; }
div.fragment { white-space: normal; } div.line { white-space: pre-wrap; min-height: 1.35em; }
code { font-size: 90%; } .lineno, .ttc, a.anchor { display: none; }
table { border-collapse: collapse; font-size: 9.5pt; } td, th { border: 1px solid #bbb; padding: 3px 8px; }
img { max-width: 100%; } p.figure { text-align: center; page-break-inside: avoid; }
.keyword, .keywordtype, .keywordflow { color: #1d5aa8; } .comment { color: #5d6b5d; }
.stringliteral { color: #8a3d1d; } .preprocessor { color: #70591a; } a { color: inherit; }
.fragment a { text-decoration: none; }
div.toc, .nav { display: none; } sub { font-size: 75%; vertical-align: baseline; color: #555; }
@page { size: A4; margin: 18mm 16mm; }
"""
SCRIPT = """<script>MathJax = { svg: { fontCache: "global" } };</script>
<script src="tex-svg.js"></script>"""


def contents_of(html):
    """What stands between Doxygen's <div class="contents"> and its end, and the title."""
    title = re.search(r'<div class="title">(.*?)</div>', html, re.S).group(1)
    body = re.search(r'<div class="contents">\n(.*?)</div><!-- contents -->', html, re.S).group(1)
    body = re.sub(r'<div class="toc">.*?</div>', "", body, count=1, flags=re.S)
    body = re.sub(r"<p ?>(?:(?!</p>).)*<a [^>]*>Contents</a>(?:(?!</p>).)*</p>", "", body, flags=re.S)
    body = body.replace("<details>", "<details open>")
    return f"<h1>{title}</h1>\n{body}"


def print_book(site):
    html = site / "html"
    order = [pages.BOOK / "preface.md"] + [p for p in pages.chapters() if p.name != "preface.md"]
    parts, ids = [], {}
    for path in order:
        file = f"{page_id(path)}.html"
        ids[file] = page_id(path)
        text = contents_of((html / file).read_text(encoding="utf-8"))
        parts.append(f'<section id="{page_id(path)}">\n{text}\n</section>')
    text = "\n".join(parts)
    for file, name in ids.items():  # links between chapters stay on this page
        text = text.replace(f'href="{file}#', 'href="#').replace(f'href="{file}"', f'href="#{name}"')
    page = html / "book.html"
    page.write_text("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                    f"<title>The microGPT Ladder</title><style>{STYLE}</style>{SCRIPT}</head>\n"
                    f"<body>\n{text}\n</body></html>\n", encoding="utf-8")
    print(f"on one page: {page}")
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser",
                                                    "google-chrome"))), None)
    if not chromium:
        print("a PDF is made by Chromium, which is not here; or print the page")
        return 0
    pdf = html / "book.pdf"
    result = subprocess.run([chromium, "--headless", "--no-sandbox", "--disable-gpu",
                             "--allow-file-access-from-files", "--virtual-time-budget=30000",
                             "--no-pdf-header-footer", f"--print-to-pdf={pdf}", page.as_uri()],
                            capture_output=True, text=True, timeout=280)
    if result.returncode or not pdf.is_file():
        print(f"error: Chromium made no PDF: {result.stderr[-300:]}", file=sys.stderr)
        return 1
    print(f"as PDF: {pdf}")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", type=Path, required=True)
    sys.exit(print_book(parser.parse_args().site.resolve()))
