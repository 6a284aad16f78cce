#!/usr/bin/env python3
"""Doxygen's INPUT_FILTER for Markdown that is written for GitHub: filter_markdown.py PAGE.

Formulas $…$ and $$…$$ become \\f$…\\f$ and \\f[…\\f]; headings get labels, the first one makes the
file a page of its own; links to pages and sources become those of the site; the comments that
book.py fills by go away. Links to sources are finished by build_site.py, which knows where Doxygen put
them.
"""

import re
import sys
from pathlib import Path

import pages
from pages import BOOK, ROOT, slug

FENCE = re.compile(r"^(```|~~~)(.*?)\n(.*?)^\1[ ]*$", re.M | re.S)
CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.S)
MAIN = BOOK / "preface.md"
DIARIES = sorted(ROOT.glob("07*/DIARY*.md"))


def page_id(path):
    if path == MAIN:
        return "index"
    if path == BOOK / "README.md":
        return "book_contents"
    return ("book_" if path.parent == BOOK else "stage_") + re.sub(r"\W", "_", path.stem.lower())


def is_on_site(path):
    return path.suffix == ".md" and (path.parent == BOOK or path in DIARIES)


def label(path, heading):
    return f"{page_id(path)}_{re.sub(r'[^a-z0-9]+', '-', slug(heading)).strip('-')}"


def chapter_of(directory):
    """The chapter about a stage's directory."""
    chapter = BOOK / f"{directory.name}.md"
    return chapter if chapter.is_file() else None


def site_address(page, target):
    """Where the site has what a link points to: an address, or None if it does not have it."""
    if re.match(r"[a-z]+:", target):
        return target
    file, _, anchor = target.partition("#")
    path = (page.parent / file).resolve() if file else page
    if path.name == "README.md" and path.parent != BOOK and path.parent.parent == ROOT:
        path = chapter_of(path.parent) or path
    if path.is_dir():
        path = BOOK / "README.md" if path == BOOK else chapter_of(path) or path
    if is_on_site(path):
        for heading in re.findall(r"^#{2,6}\s+(.+)$", pages.read(path), re.M):
            if anchor and slug(heading) == anchor:
                return f"{page_id(path)}.html#{label(path, heading)}"
        return f"{page_id(path)}.html"
    # Doxygen reads stages and the rooms inside them (build_site.py); what lies deeper has no page.
    if path.is_file() and path.suffix in (".cpp", ".hpp") and len(path.relative_to(ROOT).parts) <= 3:
        return f"source:{path.relative_to(ROOT)}"
    return None


def rewrite_links(text, page):
    def put(match):
        words, target = match.group(1), match.group(2)
        address = site_address(page, target)
        return f'<a href="{address}">{words}</a>' if address else words

    text = re.sub(r"!\[([^\]]*)\]\(figures/(\S+?)\)",
                  r'<p class="figure"><img src="\2" alt="\1"/></p>', text)
    return re.sub(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(\s*([^)\s]+)\s*\)", put, text)


def rewrite_formulas(text):
    text = re.sub(r"\$\$(.+?)\$\$", r"\\f[\1\\f]", text, flags=re.S)
    return re.sub(r"(?<![\\$\w])\$(?!\s)([^$]+?)(?<!\s)\$(?!\w)", r"\\f$\1\\f$", text)


def rewrite_quotes(text):
    """Doxygen takes what stands in straight quotes as it is, formulas included."""
    tags = []
    text = protect(text, re.compile(r"<[a-zA-Z/][^>]*>|\\subpage .*|\\f\[.*?\\f\]", re.S), tags, "\x01")
    text = re.sub(r'(^|[\s(])"', r"\1“", text, flags=re.M).replace('"', "”")
    return re.sub(r"\x01(\d+)\x01", lambda m: tags[int(m.group(1))], text)


def protect(text, pattern, keep, mark="\x00"):
    """Takes what matches out of the text, so that nothing else changes it."""
    def put(match):
        keep.append(match.group())
        return f"{mark}{len(keep) - 1}{mark}"
    return pattern.sub(put, text)


def rewrite_headings(text, page):
    def put(match):
        marks, heading = match.group(1), match.group(2).strip()
        if marks == "#":
            if page == MAIN:
                return f"# {heading} {{#mainpage}}\n"
            toc = "\n[TOC]\n" if re.match(r"\d\d_", page.name) else ""
            return f"# {heading} {{#{page_id(page)}}}\n{toc}"
        return f"{marks} {heading} {{#{label(page, heading)}}}\n"
    return re.sub(r"^(#{1,6}) +(.+?) *#*\n", put, text, flags=re.M)


def contents(text):
    """In the contents each link is also a place in the tree."""
    def put(match):
        path = BOOK / match.group(3)
        if path == MAIN:
            return match.group()
        return f"{match.group(1)}\\subpage {page_id(path)} \"{match.group(2)}\""
    return re.sub(r"^(\d+\. |- )\[([^\]]*)\]\((\w+\.md)\)", put, text, flags=re.M)


def rewrite(path):
    text = pages.read(path)
    kept = []
    text = protect(text, FENCE, kept)
    text = re.sub(r"^<!--(?:(?!-->).)*-->[ ]*\n|<!--.*?-->", "", text, flags=re.S | re.M)
    text = protect(text, CODE, kept)
    text = rewrite_headings(text, path)
    if path == BOOK / "README.md":
        text = contents(text)
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text, flags=re.S)  # formulas may be in bold too
    text = rewrite_quotes(rewrite_formulas(rewrite_links(text, path)))
    text = re.sub(r"@(?!ref)", "\\@", text)
    for _ in range(2):  # code may stand within what was kept
        text = re.sub(r"\x00(\d+)\x00", lambda m: kept[int(m.group(1))], text)
    return FENCE.sub(lambda m: fence(m.group(2), m.group(3)), text)


def fence(language, body):
    """Doxygen's own highlighting is for C++ and Python; of anything else it makes plain text."""
    known = {"cpp": ".cpp", "python": ".py"}.get(language.strip())
    return f"```{{{known}}}\n{body}```" if known else f"```{{.unparsed}}\n{body}```"


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    print(rewrite(Path(sys.argv[1]).resolve()), end="")
