"""The logits that every engine is judged by, from a program that shares no line with the judged.

golden.py --weights common/data/microgpt.safetensors > common/data/microgpt_golden.json
golden.py --weights … --check common/data/microgpt_golden.json
"""

import argparse
import json
import math

from microgpt_weights import BLOCK, BOS, load
from pure_python import forward

# They reach every letter, every position and both ends of the block.
NAMES = ["", "a", "kamon", "ann", "karai", "jaire", "vialan", "emma", "olivia", "christopher",
         "maximilian", "quincy", "xavier", "wyatt", "zzzzz", "abcdefghijklm", "nopqrstuvwxyzab",
         "zyxwvutsrqponml"]


def golden(logits):
    """For BOS and each letter of each name, fed in turn, the logits of what comes next: (T, 27)."""
    names = []
    for name in NAMES:
        tokens = ([BOS] + [ord(letter) - ord("a") for letter in name])[:BLOCK]
        rows = [logits(token, position) for position, token in enumerate(tokens)]
        names.append({"logits": rows, "name": name})
    return {"names": names}


def numbers(value):
    """All numbers of a golden file, in order, and its names."""
    for entry in value["names"]:
        yield entry["name"]
        for row in entry["logits"]:
            yield len(row)
            yield from row


def largest_difference(a, b):
    a, b = list(numbers(a)), list(numbers(b))
    if len(a) != len(b):
        return math.inf
    largest = 0.0
    for x, y in zip(a, b):
        if isinstance(x, str) or isinstance(y, str):
            largest = largest if x == y else math.inf
        elif not abs(x - y) <= largest:  # a NaN is kept
            largest = abs(x - y)
    return largest


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", required=True)
    parser.add_argument("--check", help="a golden file that should say the same, to 1e-12")
    options = parser.parse_args()
    mine = golden(forward(load(options.weights)))
    if not options.check:
        print(json.dumps(mine, separators=(",", ":")))
    else:
        with open(options.check, encoding="utf-8") as file:
            difference = largest_difference(mine, json.load(file))
        print(f"largest difference {difference:.1e}")
        raise SystemExit(0 if difference < 1e-12 else 1)
