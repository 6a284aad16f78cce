"""Figures: charts from Vega-Lite specifications and results, and diagrams that diagrams.py draws.

<!-- figure: nll_by_stage | What the chart shows, for a reader who cannot see it -->

fills the picture up to <!-- /figure -->, or says which results are still to be measured.
"""

import hashlib
import json
import os
import re
import subprocess
import sys

from pages import BOOK, Problem, name_of, pages, read

FIGURES = BOOK / "figures"
STAMP = re.compile(r"<!-- made from ([0-9a-f]{64}) -->")


def data_files(spec_path):
    """The result files that a chart reads."""
    urls = re.findall(r'"url":\s*"([^"]+)"', read(spec_path))
    return [(FIGURES / url).resolve() for url in urls]


def stamp_of(spec_path):
    """Changes when the specification or its data do."""
    digest = hashlib.sha256(json.dumps(json.loads(read(spec_path)), sort_keys=True).encode())
    for file in data_files(spec_path):
        digest.update(json.dumps(json.loads(read(file)), sort_keys=True).encode())
    return digest.hexdigest()


def is_drawable(spec_path):
    return all(file.is_file() for file in data_files(spec_path))


def fill(argument, _, page):
    name, _, description = argument.partition(" | ")
    picture, spec = FIGURES / f"{name}.svg", FIGURES / f"{name}.vl.json"
    if picture.is_file():
        return f"\n![{description}](figures/{name}.svg)\n\n"
    if not spec.is_file():
        raise Problem(f"there is no figure {name}")
    missing = ", ".join(f"results/{file.name}" for file in data_files(spec) if not file.is_file())
    return f"\n> Not measured yet: this chart is drawn from {missing}.\n\n"


def check_chart(spec):
    picture = spec.with_name(spec.name.replace(".vl.json", ".svg"))
    if not is_drawable(spec):
        return f"{name_of(picture)}: its results are gone" if picture.is_file() else None
    if not picture.is_file():
        return f"{name_of(picture)}: not drawn yet: cmake --build --preset release --target figures"
    stamp = STAMP.search(read(picture))
    if not stamp or stamp.group(1) != stamp_of(spec):
        return (f"{name_of(picture)}: older than its specification or results: "
                "cmake --build --preset release --target figures")
    return None


def check():
    import diagrams
    problems = [fault for spec in sorted(FIGURES.glob("*.vl.json")) if (fault := check_chart(spec))]
    for name, svg in diagrams.drawings().items():
        path = FIGURES / f"{name}.svg"
        if not path.is_file() or read(path) != svg:
            problems.append(f"{name_of(path)}: not what diagrams.py draws: book/tools/book.py diagrams")
    shown = "".join(read(page) for page in pages())
    for picture in sorted(FIGURES.glob("*.svg")):
        if f"figures/{picture.name}" not in shown:
            problems.append(f"{name_of(picture)}: no page shows it")
    return problems


def draw_charts(node, packages):
    """Draws the charts that are out of date, by node and what npm installed in `packages`."""
    for spec in sorted(FIGURES.glob("*.vl.json")):
        if is_drawable(spec) and check_chart(spec):
            subprocess.run([node, str(BOOK / "tools" / "render_charts.mjs"), str(spec),
                            stamp_of(spec)], check=True, env={**os.environ, "LADDER_NODE": packages})
            print(f"{name_of(spec)}: drawn")


if __name__ == "__main__":
    draw_charts(*sys.argv[1:3])
