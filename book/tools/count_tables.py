"""Tables of counts with one, two, three and four letters of context: how far counting alone gets.

The split is the programs' own (common/dataset.cpp, common/random.hpp): with one letter and add-one
the result must be that of stage 01 to the last digit, and measure.py checks that it is.
"""

import math
import os
from collections import Counter
from pathlib import Path

from pages import ROOT

MASK = 2**64 - 1
END = "."


class Random:
    """SplitMix64, as common/random.hpp."""

    def __init__(self, seed):
        self.state = seed

    def bits(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
        return z ^ z >> 31

    def below(self, n):
        unfair = 2**64 % n
        draw = self.bits()
        while draw < unfair:
            draw = self.bits()
        return draw % n

    def shuffle(self, items):
        for i in range(len(items), 1, -1):
            j = self.below(i)
            items[i - 1], items[j] = items[j], items[i - 1]


def read_names():
    path = os.environ.get("MICROGPT_NAMES") or ROOT / "downloads" / "names.txt"
    return Path(path).read_text(encoding="utf-8").split()


def split_held_out(names, seed):
    different = sorted(set(names))
    Random(seed).shuffle(different)
    cut = len(different) * 9 // 10
    return different[:cut], different[cut:]


def count(names, context):
    counts = Counter()
    for name in names:
        text = END * context + name + END
        counts.update(text[i:i + context + 1] for i in range(len(name) + 1))
    return counts


def nll(examined, counts, rows, smoothing):
    nats = -sum(n * math.log((counts[key] + smoothing) / (rows[key[:-1]] + 27 * smoothing))
                for key, n in examined.items())
    return nats / sum(examined.values())


def measure():
    names = read_names()
    learned, held_out = split_held_out(names, 42)
    rows = []
    for context in (1, 2, 3, 4):
        for smoothing in (0.01, 0.1, 1, 10):
            row = {"context": context, "smoothing": smoothing, "entries": 27 ** (context + 1)}
            for what, source, examined in (("corpus", names, names), ("held_out", learned, held_out)):
                counts = count(source, context)
                sums = Counter()
                for key, n in counts.items():
                    sums[key[:-1]] += n
                row[what] = nll(count(examined, context), counts, sums, smoothing)
            rows.append(row)
    return {"rows": rows}
