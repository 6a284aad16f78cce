#!/usr/bin/env python3
"""Fills the book and checks it.

  book/tools/book.py fill             listings, numbers, tables, outputs, figures, links between pages
  book/tools/book.py check WHAT       listings, numbers, outputs, commands, links or figures;
                                      exits with 1 if something is out of date, and with 4 if it
                                      cannot be checked here, saying why
  book/tools/book.py diagrams         draws the diagrams (charts: cmake --build … --target figures)
  book/tools/book.py results          measures everything anew; see measure.py

--bin FOLDER names the programs' folder, build/release/bin/ unless told otherwise.
"""

import argparse
import re
import sys

import commands
import diagrams
import figures
import links
import listings
import measure
import pages
import values
from commands import Skip
from pages import Problem, line_of, name_of, read

# What a directive is called, which check looks after it, and who fills it.
DIRECTIVES = {
    "code": ("listings", listings.fill),
    "number": ("numbers", values.fill_number),
    "table": ("numbers", values.fill_table),
    "output": ("outputs", commands.fill_output),
    "figure": ("figures", figures.fill),
    "nav": ("links", None),
}
DIRECTIVE = re.compile(r"<!-- (code|number|table|output|figure|nav)(?:: (.*?))? -->(\n?)(.*?)"
                       r"<!-- /\1 -->", re.S)


def navigation(page):
    """Links to the pages before and after this one."""
    order = pages.chapters()
    if page not in order:
        raise Problem("the page is not in the contents, book/README.md")
    at = order.index(page)
    parts = []
    if at > 0:
        parts.append(f"← [{pages.title_of(order[at - 1])}]({order[at - 1].name})")
    parts.append("[Contents](README.md)")
    if at + 1 < len(order):
        parts.append(f"[{pages.title_of(order[at + 1])}]({order[at + 1].name}) →")
    return "\n" + " · ".join(parts) + "\n\n"


class Filler:
    """Goes through a page and fills what it has been asked to fill; collects what goes wrong."""

    def __init__(self, kinds, bin_folder):
        self.kinds, self.bin_folder = kinds, bin_folder
        self.problems, self.skipped = [], []

    def fill(self, page):
        text = read(page)
        opened = len(re.findall(r"^<!-- (?:code|table|output|figure|nav)\b|<!-- number\b", text, re.M))
        if opened != len(DIRECTIVE.findall(text)):
            self.problems.append(f"{name_of(page)}: a <!-- … --> to be filled is not closed")
            return text, text

        for match in re.finditer(r"^ *<!-- number\b", text, re.M):
            self.problems.append(f"{name_of(page)}:{line_of(text, match.start())}: a line that begins "
                                 "with <!-- is shown raw by GitHub; begin it with a word")

        def put(match):
            kind, argument, newline, old = match.group(1, 2, 3, 4)
            check, function = DIRECTIVES[kind]
            if kind == "code":
                argument = listings.moved(argument)
            if check not in self.kinds:
                return match.group()
            try:
                if kind == "nav":
                    new = navigation(page)
                elif kind == "output":
                    new = function(argument, old, page, self.bin_folder)
                else:
                    new = function(argument, old, page)
            except Problem as problem:
                self.problems.append(f"{name_of(page)}:{line_of(text, match.start())}: {problem}")
                return match.group()
            except Skip as reason:
                self.skipped.append(str(reason))
                return match.group()
            head = f"<!-- {kind}: {argument} -->" if argument else f"<!-- {kind} -->"
            return f"{head}{newline}{new}<!-- /{kind} -->"

        return text, DIRECTIVE.sub(put, text)

    def check(self, page):
        text, filled = self.fill(page)
        old, new = text.splitlines(), filled.splitlines()
        if text == filled:
            return
        at = next((i for i, (a, b) in enumerate(zip(old, new)) if a != b), min(len(old), len(new)))
        self.problems.append(f"{name_of(page)}:{at + 1}: out of date: "
                             f"'{old[at] if at < len(old) else ''}' should be "
                             f"'{new[at] if at < len(new) else ''}'")


def all_pages():
    return pages.pages() + pages.readmes()


def fill(bin_folder):
    filler = Filler({check for check, _ in DIRECTIVES.values()}, bin_folder)
    for page in all_pages():
        text, filled = filler.fill(page)
        if text != filled:
            page.write_text(filled, encoding="utf-8")
            print(f"{name_of(page)}: filled anew")
    return filler


def check(what, bin_folder):
    filler = Filler({what}, bin_folder)
    for page in all_pages():
        filler.check(page)
    if what == "commands":
        filler.problems += commands.check_commands(bin_folder)
    if what == "links":
        filler.problems += links.check_links()
        filler.problems += pages_left_out()
    if what == "figures":
        filler.problems += figures.check()
    return filler


def pages_left_out():
    order = pages.chapters()
    return [f"{name_of(page)}: not in the contents, book/README.md"
            for page in pages.pages() if page not in order and page.name != "README.md"]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["fill", "check", "diagrams", "results"])
    parser.add_argument("what", nargs="*")
    parser.add_argument("--bin")
    arguments = parser.parse_intermixed_args()
    try:
        if arguments.command == "diagrams":
            return diagrams.draw_all()
        if arguments.command == "results":
            return measure.measure(arguments.what, arguments.bin)
        if arguments.command == "fill":
            filler = fill(arguments.bin)
        else:
            filler = Filler(set(), None)
            for what in arguments.what:
                one = check(what, arguments.bin)
                filler.problems += one.problems
                filler.skipped += one.skipped
    except Problem as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    except Skip as reason:
        print(reason)
        return 4
    for problem in filler.problems:
        print(f"error: {problem}", file=sys.stderr)
    if filler.problems:
        if arguments.command == "check":
            print("fill the book anew: book/tools/book.py fill", file=sys.stderr)
        return 1
    for reason in sorted(set(filler.skipped)):
        print(reason)
    return 4 if filler.skipped else 0


if __name__ == "__main__":
    sys.exit(main())
