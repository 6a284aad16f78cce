"""Experiments that need the code changed: in a copy of the repository, one line at a time.

Answers to exercises, and some surprises, rest on them. Each: a name, the program and its options, and
the changes, (file, what stands there, what shall stand there).
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

from pages import ROOT, Problem

CONTEXT = ("04_mlp/mlp.hpp", "context_size = 3;")
GPT = "05_gpt_sgd/gpt.cpp"
ADAM = "06_gpt_adam/main.cpp"
MLP_RUN = "04_mlp --held-out --steps 100000"
GPT_RUN = "05_gpt_sgd --held-out --steps 8000"
ADAM_RUN = "06_gpt_adam --steps 8000"
PLAIN_RUN = "09_fast_training --engine plain --batch 16 --lr 0.01 --steps 5000"
SGD = (ADAM, "adam.update(parameters, lr); });", "(void)adam; sgd(parameters, lr); });")
ONE_HEAD = (ADAM, ".n_head = 4, .gains", ".n_head = 1, .gains")

EXPERIMENTS = [
    *[(f"context {n}", MLP_RUN, [(*CONTEXT, f"context_size = {n};")]) for n in (1, 2, 3, 5, 8)],
    ("context 8 whole recipe", "04_mlp --held-out", [(*CONTEXT, "context_size = 8;")]),
    ("no tanh", MLP_RUN + " --lr 0.1", [("04_mlp/mlp.cpp", "hidden = tanh(sums);", "hidden = sums;")]),
    ("gpt", GPT_RUN, []),
    ("no positions", GPT_RUN,
     [(GPT, "Var x = add(embedding(tape.leaf(wte), names.tokens),", "Var x ="),
      (GPT, "embedding(tape.leaf(wpe), names.positions));", "embedding(tape.leaf(wte), names.tokens);")]),
    ("no residual", GPT_RUN,
     [(GPT, "x = add(linear(attended, tape.leaf(attn_wo)), x);", "x = linear(attended, tape.leaf(attn_wo));"),
      (GPT, "x = add(linear(hidden, tape.leaf(mlp_fc2)), x);", "x = linear(hidden, tape.leaf(mlp_fc2));")]),
    ("adam four heads", ADAM_RUN, []),
    ("adam one head", ADAM_RUN, [ONE_HEAD]),
    ("sgd four heads", ADAM_RUN + " --lr 0.5", [SGD]),
    ("sgd one head", ADAM_RUN + " --lr 0.5", [SGD, ONE_HEAD]),
    ("betas 0", ADAM_RUN, [("06_gpt_adam/recipe.hpp", "gpt_adam = {.beta1 = 0.9, .beta2 = 0.999",
                            "gpt_adam = {.beta1 = 0.0, .beta2 = 0.0")]),
    ("plain loops", PLAIN_RUN, []),
    ("half a norm's gradient", PLAIN_RUN,
     [("09_fast_training/plain/plain_layers.hpp", "(gain ? gain[i] : 1) - s * x[i] * mean);",
       "(gain ? gain[i] : 1));")]),
]


def copy_sources(to):
    """What git knows, so that no build and no download comes along."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True,
                           text=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)


def build(tree, target):
    result = subprocess.run(["cmake", "--build", str(tree / "b"), "--target", target], text=True,
                            capture_output=True)
    if result.returncode:
        raise Problem(f"the experiment does not compile:\n{result.stdout[-1500:]}")


def run_all(run_json):
    """{"rows": [{"name", "command", "train", "held_out", "parameters"}]}; run_json is measure.py's."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        copy_sources(tree)
        subprocess.run(["cmake", "-S", str(tree), "-B", str(tree / "b"), "-G", "Ninja",
                        "-DCMAKE_BUILD_TYPE=Release", "-DBUILD_TESTING=OFF"], check=True,
                       capture_output=True)
        for name, command, changes in EXPERIMENTS:
            kept = {}
            for file, old, new in changes:
                text = (tree / file).read_text(encoding="utf-8")
                kept.setdefault(file, text)
                if old not in text:
                    raise Problem(f"{file} has no '{old}', which the experiment '{name}' changes")
                (tree / file).write_text(text.replace(old, new, 1), encoding="utf-8")
            program, *options = command.split()
            build(tree, program)
            run = run_json(tree / "b" / "bin" / program, *options)
            rows.append({"name": name, "command": command, "train": run["nll"]["train"],
                         "held_out": run["nll"]["val"], "parameters": run["parameters"]})
            for file, text in kept.items():
                (tree / file).write_text(text, encoding="utf-8")
    return {"machine": run["machine"], "rows": rows}
