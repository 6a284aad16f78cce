#!/usr/bin/env python3
"""What the live page knows of the book: make_data.py glossary FROM TO | native FROM TO

glossary  book/glossary.md as glossary.json: [{"terms": ["NLL"], "text": …, "chapter": "chapter 1"}]
native    book/results/speed.json as native.json: the machine, and tokens a second of each engine
"""
import json
import re
import sys

# Formulas of the glossary are few and short; the page shows them as text.
PLAIN = [(r"\\mathrm\{(\w+)\}", r"\1"), (r"e\^\{(\w+)\}", r"e^\1"), (r"\\(tanh|ln|max|exp|log)\b", r"\1"),
         (r"\\cdot", "·"), (r"\\times", "×"), (r"\\,", " ")]


def plain(text):
    """A sentence of the book without Markdown."""
    def formula(match):
        inner = match.group(1)
        for pattern, replacement in PLAIN:
            inner = re.sub(pattern, replacement, inner)
        if re.search(r"[\\{}]", inner):
            raise SystemExit(f"error: no plain form is known for the formula {match.group(0)}")
        return inner.replace("-", "−")
    text = re.sub(r"\$([^$]*)\$", formula, text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)  # links
    text = re.sub(r"(?<![\w*])\*([^*]+)\*(?![\w*])", r"\1", text)
    return text.replace("`", "")


def chapter_name(where):
    """'1' as 'chapter 1', 'Mathematics' as it is."""
    names = [f"chapter {part}" if part.isdigit() else part for part in re.split(r",\s*", where)]
    return ", ".join(names)


def glossary(text):
    """Entries of glossary.md: **Term, other term.** What it is. (chapter)"""
    entries = []
    for paragraph in re.split(r"\n\s*\n", text):
        for line in re.split(r"\n(?=\*\*)", paragraph.strip()):
            match = re.match(r"\*\*(.+?)\.\*\*\s+(.+)", line, re.S)
            if not match:
                continue
            said = " ".join(match.group(2).split())
            where = re.search(r"\s*\(((?:\d+|[A-Z][A-Za-z ]+)(?:,\s*(?:\d+|[A-Z][A-Za-z ]+))*)\)\.?$", said)
            if where and re.search(r"\(\d+\)", said[:where.start()]):
                where = None  # each part of the sentence has its own chapter
            entries.append({
                "terms": [term.strip() for term in match.group(1).split(",")],
                "text": plain(said[:where.start()] if where else said),
                "chapter": chapter_name(where.group(1)) if where else None,
            })
    if not entries:
        raise SystemExit("error: no entry is found in the glossary")
    return entries


def native(text):
    """The rows that the page sets beside its own."""
    speed = json.loads(text)
    wanted = ("engine", "precision", "streams", "threads", "tokens_per_second")
    return {"machine": speed["machine"],
            "rows": [{name: row[name] for name in wanted} for row in speed["rows"]
                     if not row["emulated"] and row["tokens_per_second"]]}


def main():
    makers = {"glossary": glossary, "native": native}
    if len(sys.argv) != 4 or sys.argv[1] not in makers:
        raise SystemExit(__doc__)
    with open(sys.argv[2], encoding="utf-8") as file:
        made = makers[sys.argv[1]](file.read())
    with open(sys.argv[3], "w", encoding="utf-8") as file:
        json.dump(made, file, ensure_ascii=False, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
