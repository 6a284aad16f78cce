"""Measures when it pays to split a batch between processes, and between two hosts of a network.

    python3 book/tools/hosts.py [--bin build/release/bin] [--with COMMAND]

Writes book/results/hosts.json; then `book.py fill`. Takes two minutes, needs Open MPI, and root for
the network (sweep/two_hosts.sh). COMMAND goes before each measurement: nice, taskset, …
"""

import argparse
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TWO_HOSTS = str(ROOT / "09_fast_training/sweep/two_hosts.sh")

# name: what starts the program, and its environment
WAYS = {
    "threads2": (["env"], {}),
    "shared2": (["mpirun", "-np", "2"], {}),
    "shared4": (["mpirun", "--oversubscribe", "-np", "4"], {}),
    "tcp2": ([TWO_HOSTS], {}),
    "gigabit2": ([TWO_HOSTS], {"RATE": "1gbit"}),
}


def measure(way, program, before):
    start, extra = WAYS[way]
    environment = os.environ | extra | {
        "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
        "OMPI_MCA_btl_vader_single_copy_mechanism": "none"}
    with tempfile.TemporaryDirectory() as folder:
        results = os.path.join(folder, "results.json")
        command = before + start + [program, "--bench", "--data-parallel", "--json", results]
        if way == "threads2":
            command += ["--threads", "2"]
        if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL).returncode != 0:
            sys.exit(f"hosts.py: {shlex.join(command)} failed")
        with open(results, encoding="utf-8") as file:
            return json.load(file)


def speeds(results):
    """{(width, batch): (alone, split)} in microseconds."""
    table = {}
    for row in results["rows"]:
        table.setdefault((row["width"], row["batch"]), {})[row["engine"]] = row["us_per_step"]
    return {key: (row["fast"], row["data parallel"]) for key, row in table.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default="build/release/bin")
    parser.add_argument("--with", dest="before", default="", metavar="COMMAND")
    options = parser.parse_args()
    program = str(pathlib.Path(options.bin, "09_fast_training").resolve())
    measured = {way: measure(way, program, shlex.split(options.before)) for way in WAYS}

    rows = []
    steps = {way: speeds(results) for way, results in measured.items()}
    for key, (alone, _) in steps["threads2"].items():
        row = {"what": "split", "width": key[0], "batch": key[1], "us_alone": alone}
        row |= {way: steps[way][key][0] / steps[way][key][1] for way in WAYS}
        rows.append(row)
    for one in measured["shared2"]["sums"]:
        row = {"what": "sum", **{name: one[name] for name in ("width", "parameters", "bytes")}}
        row["us_alone"] = steps["threads2"][one["width"], 64][0]
        for way in list(WAYS)[1:]:
            row[way] = next(sum_["us_per_allreduce"] for sum_ in measured[way]["sums"]
                            if sum_["width"] == one["width"])
        rows.append(row)
    results = {"machine": measured["threads2"]["machine"], "rows": rows}
    path = ROOT / "book/results/hosts.json"
    path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
