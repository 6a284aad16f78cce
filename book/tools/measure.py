"""Measures everything that the book's numbers come from; cmake --build … --target results.

  book/tools/book.py results [training sgd tables beginnings outputs answers experiments study
                              seconds fast splits lanes speed fast_speed]

Without words all of it, some twenty minutes on two quiet cores. Times are only worth something if
nothing else runs meanwhile. `training` runs stages 01 to 06 by both protocols, `sgd` stage 05 with
two learning rates; `tables` counts with more context; `outputs` runs the commands that the book shows
and that take long, `answers` those that answers to exercises tell about; `experiments` builds and
runs programs with a line changed (experiments.py); `study` is the quantization study, `seconds` what
stages 01 to 06 make of less time, `speed` the benchmark of stage 07. `beginnings` counts the rows of
stage 09's batches, `fast` trains with it, `splits` on other names held out, `fast_speed` times its
steps. `lanes` counts what the lanes of stage 8's emulated warp do.
"""

import itertools
import json
import os
import re
import statistics
import subprocess
import tempfile
from pathlib import Path

import commands
import count_beginnings
import count_tables
import experiments
from pages import ROOT, Problem, name_of, pages, read, readmes
from values import RESULTS

TRAINING = ["01_counting_bigram", "02_neural_bigram", "03_autograd", "04_mlp", "05_gpt_sgd",
            "06_gpt_adam"]
SGD_STEPS = [500, 1000, 2000, 4000, 8000, 16000, 33000, 66000]

# How long a stage may train: steps, up to its recipe's, each with these learning rates.
BUDGETS = {
    "01_counting_bigram": ([None], [None]),
    "02_neural_bigram": ([10, 40, 160, 640, 5000], [None]),
    "03_autograd": ([10, 40, 160, 640, 5000], [None]),
    "04_mlp": ([2000, 8000, 32000, 125000, 500000], [0.1, 0.3, 1]),
    "05_gpt_sgd": ([500, 2000, 8000, 33000, 66000], [0.05, 0.5]),
    "06_gpt_adam": ([200, 750, 3000, 12000, 47000], [0.003, 0.01, 0.03]),
}

# Stage 09's runs, and stage 06's to compare with: a name for the series, program, optimizer, learning
# rate and other options, and how many steps each.
FAST = [
    ("matrix tape", "06_gpt_adam", "adam", 0.01, "", [750, 3000, 12000, 47000]),
    ("batch 16", "09_fast_training", "adam", 0.01, "--batch 16", [3000, 8000, 33000, 130000]),
    ("on the tape", "06_gpt_adam", "adam", 0.01, "--batch 16", [8000]),
    ("in double", "09_fast_training", "adam", 0.01, "--batch 16 --double", [8000]),
    ("plain loops", "09_fast_training", "adam", 0.01, "--batch 16 --engine plain", [8000]),
    ("batch 64", "09_fast_training", "adam", 0.008, "--batch 64", [3000, 12000, 47000]),
    ("batch 64 longer", "09_fast_training", "adam", 0.005, "--batch 64", [190000]),
    ("width 32", "09_fast_training", "adam", 0.01, "--width 32 --batch 16", [3300, 11000, 50000]),
    ("width 64", "09_fast_training", "adam", 0.005, "--width 64 --batch 16", [1000, 3300, 16000]),
    ("all names", "09_fast_training", "adam", 0.05, "--corpus --batch 32033", [100]),
    ("all names merged", "09_fast_training", "adam", 0.05, "--corpus --merge --batch 32033", [100]),
    ("microgpt", "09_fast_training", "adam", 0.007, "--microgpt --batch 64", [47000]),
    ("sgd", "09_fast_training", "sgd", 0.05, "--optimizer sgd --batch 16", [2000, 20000, 160000]),
    ("sgd", "09_fast_training", "sgd", 0.3, "--optimizer sgd --batch 16", [2000, 20000, 160000]),
]

# Recipes that are tried on several splits of the names, and the held-out NLL that was asked of them.
SPLITS = {"--batch 16 --lr 0.01 --steps 33000": 2.105, "--batch 64 --lr 0.008 --steps 47000": 2.09,
          "--batch 64 --lr 0.005 --steps 190000": 2.086,
          "--microgpt --batch 64 --lr 0.007 --steps 47000": 2.087}
SPLIT_SEEDS = [42, 1, 2, 3, 4, 5]


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{name_of(path)}: written", flush=True)


def run_json(program, *options):
    """Runs a program and returns what it writes with --json, without this machine's paths."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "results.json"
        print(program, *options, flush=True)
        result = subprocess.run([str(program), *options, "--quiet", "--json", str(file)],
                                capture_output=True, text=True, cwd=ROOT)
        if result.returncode:
            raise Problem(f"{program.name}: {result.stderr.strip()}")
        data = json.loads(file.read_text(encoding="utf-8"))
    if "corpus" in data:
        data["corpus"]["name"] = Path(data["corpus"]["name"]).name
    return data


def training(folder):
    with tempfile.TemporaryDirectory() as runs:
        files = []
        for stage in TRAINING:
            for protocol in ("corpus", "held-out"):
                data = run_json(folder / stage, f"--{protocol}")
                files.append(Path(runs) / f"{stage}.{protocol}.json")
                write_quietly(files[-1], data)
        ladder = Path(runs) / "ladder.json"
        subprocess.run([str(folder / "ladder_table"), "--json", str(ladder), *map(str, files)],
                       check=True, capture_output=True)
        table = json.loads(ladder.read_text(encoding="utf-8"))
    write(RESULTS / "ladder.json", table)


def write_quietly(path, data):
    path.write_text(json.dumps(data), encoding="utf-8")


def sgd(folder):
    rows, run = [], {}
    for lr in (0.05, 0.5):
        for steps in SGD_STEPS:
            run = run_json(folder / "05_gpt_sgd", "--steps", str(steps), "--lr", str(lr))
            rows.append({"lr": lr, "steps": steps, "nll": run["nll"]["train"]})
    write(RESULTS / "sgd.json", {"stage": run["stage"], "machine": run["machine"], "rows": rows})


def seconds(folder):
    """Held-out NLL and seconds of training; what is over in a moment is timed five times."""
    rows, run = [], {}
    for stage, (budgets, rates) in BUDGETS.items():
        for steps, lr in itertools.product(budgets, rates):
            options = ["--held-out"]
            for name, value in (("--steps", steps), ("--lr", lr)):
                options += [name, str(value)] if value else []
            times = []
            while len(times) < 5 and sum(times) < 1:
                run = run_json(folder / stage, *options)
                times.append(run["seconds"])
            rows.append({"stage": stage, "steps": steps, "lr": lr, "seconds": statistics.median(times),
                         "held_out": run["nll"]["val"]})
    write(RESULTS / "seconds.json", {"machine": run["machine"], "rows": rows})


def outputs(folder, timed=False):
    wanted = set()
    for page in pages() + readmes():
        for argument in re.findall(r"^<!-- output: (.*?) -->", read(page), re.M):
            command, choices = commands.split_argument(argument)
            if "saved" in choices and ("timed" in choices) == timed:
                wanted.add(command)
    for command in sorted(wanted):
        print(command, flush=True)
        path = commands.saved_file(command)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(commands.run(command, folder) + "\n", encoding="utf-8")


# Runs that answers to exercises tell about, by a short name.
ANSWERS = {
    "bigram held out 200": "02_neural_bigram --held-out --steps 200",
    "bigram held out 500": "02_neural_bigram --held-out --steps 500",
    "bigram held out 5000": "02_neural_bigram --held-out --steps 5000",
    "bigram held out 50000": "02_neural_bigram --held-out --steps 50000",
    "mlp lr 0.003": "04_mlp --steps 50000 --lr 0.003",
    "mlp lr 0.03": "04_mlp --steps 50000 --lr 0.03",
    "mlp lr 0.3": "04_mlp --steps 50000 --lr 0.3",
    "mlp lr 3": "04_mlp --steps 50000 --lr 3",
    "gpt lr 1": "05_gpt_sgd --steps 8000 --lr 1",
    "gpt lr 2": "05_gpt_sgd --steps 8000 --lr 2",
    "gpt lr 4": "05_gpt_sgd --steps 8000 --lr 4",
    "gpt lr 8": "05_gpt_sgd --steps 8000 --lr 8",
    "gpt seed 1": "05_gpt_sgd --seed 1",
    "gpt seed 2": "05_gpt_sgd --seed 2",
    "gpt seed 3": "05_gpt_sgd --seed 3",
    "adam microgpt": "06_gpt_adam --microgpt",
    "adam lr 0.001": "06_gpt_adam --steps 8000 --lr 0.001",
    "adam lr 0.01": "06_gpt_adam --steps 8000 --lr 0.01",
    "adam lr 0.1": "06_gpt_adam --steps 8000 --lr 0.1",
}


def tables(folder):
    """Counting with more context; with one letter it is stage 01, and has to agree with it."""
    data = count_tables.measure()
    mine = next(r for r in data["rows"] if r["context"] == 1 and r["smoothing"] == 1)
    theirs = run_json(folder / "01_counting_bigram", "--held-out")["nll"]["val"]
    if abs(mine["held_out"] - theirs) > 1e-9:
        raise Problem(f"count_tables.py has {mine['held_out']} where stage 01 has {theirs}")
    write(RESULTS / "tables.json", data)


def beginnings(folder):
    write(RESULTS / "beginnings.json", count_beginnings.measure())


def fast(folder):
    """Held-out NLL, and the processor's time for the whole run: one thread's, so other work hardly
    matters."""
    rows, run = [], {}
    for name, program, optimizer, lr, other, budgets in FAST:
        for steps in budgets:
            options = [*other.split(), "--lr", str(lr), "--steps", str(steps)]
            before = os.times()
            run = run_json(folder / program, *options)
            after = os.times()
            rows.append({"name": name, "stage": run["stage"], "optimizer": optimizer, "lr": lr,
                         "steps": steps, "longest": steps == budgets[-1], "protocol": run["protocol"],
                         "command": " ".join([program, *options]),
                         "parameters": run["parameters"], "train": run["nll"]["train"],
                         "held_out": run["nll"]["val"],
                         "seconds": after.children_user - before.children_user
                         + after.children_system - before.children_system})
    write(RESULTS / "fast.json", {"machine": run["machine"], "rows": rows})


def splits(folder):
    """How much the held-out NLL depends on which names are held out, and on the first weights."""
    rows, run = [], {}
    for options, goal in SPLITS.items():
        nlls = []
        for seed in SPLIT_SEEDS:
            run = run_json(folder / "09_fast_training", *options.split(), "--seed", str(seed))
            nlls.append(run["nll"]["val"])
        rows.append({"options": options, "goal": goal, "first": nlls[0],
                     "mean": statistics.mean(nlls), "least": min(nlls), "most": max(nlls),
                     "deviation": statistics.stdev(nlls), "held_out": nlls})
    write(RESULTS / "splits.json", {"machine": run["machine"], "seeds": SPLIT_SEEDS, "rows": rows})


def fast_speed(folder):
    write(RESULTS / "fast_speed.json", run_json(folder / "09_fast_training", "--bench"))


def answers(folder):
    rows = []
    for name, command in ANSWERS.items():
        program, *options = command.split()
        row = {"name": name, "command": command}
        try:
            run = run_json(folder / program, *options)
            rows.append({**row, "train": run["nll"]["train"], "held_out": run["nll"]["val"],
                         "error": None})
        except Problem as problem:  # a run that diverges is an answer too
            message = str(problem).split("error: ")[-1].split(":")[0]
            rows.append({**row, "train": None, "held_out": None, "error": message})
    write(RESULTS / "answers.json", {"rows": rows})


def study(folder):
    write(RESULTS / "quantization.json", run_json(folder / "07_quantization_study"))


PARTS_OF_A_TOKEN = {"embed": "embedding", "norms": "norms", "q,k,v": "Q, K, V",
                    "attend": "attention and wo", "MLP": "MLP", "head": "head", "draw": "draw"}


def breakdown_rows(text):
    """The table that --breakdown prints: a row for each engine and part, with the cycles a token of
    the whole engine beside them. Engines whose parts are not known are left out."""
    lines = text.strip().splitlines()
    heading = lines[0].removeprefix("cycles a token").split()
    if heading != [*PARTS_OF_A_TOKEN, "sum", "whole"]:
        raise Problem("--breakdown prints another table than measure.py reads")
    rows = []
    for engine, *cells in (line.split() for line in lines[1:] if not line.startswith(" ")):
        figures = dict(zip(heading, (None if cell == "-" else float(cell) for cell in cells)))
        if figures["sum"] is not None:
            rows += [{"engine": engine, "part": name, "cycles": figures[part],
                      "whole": figures["whole"]} for part, name in PARTS_OF_A_TOKEN.items()]
    return rows


def speed(folder):
    run = run_json(folder / "07_fast_inference", "--bench")
    write(RESULTS / "speed.json", run)
    outputs(folder, timed=True)
    printed = read(commands.saved_file("07_fast_inference --breakdown --quiet"))
    write(RESULTS / "breakdown.json", {"machine": run["machine"], "rows": breakdown_rows(printed)})


def lanes(folder):
    """Counted, not timed: what the lanes of stage 8's emulated warp do for a token, by part."""
    run = run_json(folder / "08_cuda", "--bench", "--rounds", "1")
    rows = [{"engine": row["engine"], "part": part, **figures}
            for row in run["emulated_warp"] for part, figures in row["parts"].items()]
    write(RESULTS / "cuda_lanes.json", {"rows": rows})


def changed_code(folder):
    write(RESULTS / "experiments.json", experiments.run_all(run_json))


PARTS = {"training": training, "sgd": sgd, "tables": tables, "beginnings": beginnings,
         "outputs": outputs, "answers": answers, "experiments": changed_code, "study": study,
         "seconds": seconds, "fast": fast, "splits": splits, "lanes": lanes, "speed": speed,
         "fast_speed": fast_speed}


def measure(parts, bin_folder):
    folder = commands.programs_folder(bin_folder)
    if not commands.corpus_is_here():
        raise commands.Skip("the canonical corpus is not here: name a copy with MICROGPT_NAMES")
    for part in parts or PARTS:
        if part not in PARTS:
            raise Problem(f"there is nothing to measure that is called {part}")
        PARTS[part](folder)
    return 0
