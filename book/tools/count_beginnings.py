"""How many rows a batch of names is: padded, packed, and with every beginning once.

Means over all batches that could be drawn, worked out and not tried: a beginning that c of n names
have is missing from a batch of b with the probability that all b come from the n - c others.
"""

import math
from collections import Counter

from count_tables import read_names

BLOCK_SIZE = 16  # positions of the model
SIZES = [4 ** i for i in range(8)]


def choices(n, b):
    """The logarithm of the number of ways to draw b of n."""
    return math.lgamma(n + 1) - math.lgamma(b + 1) - math.lgamma(n - b + 1)


def measure():
    names = read_names()
    n = len(names)
    positions = sum(len(name) + 1 for name in names)
    # A row for each beginning, the empty one (BOS) included; its last letter is read, the next one
    # predicted.
    shared = Counter(name[:end] for name in names for end in range(len(name) + 1))
    by_count = Counter(shared.values())
    rows = []
    for batch in SIZES + [n]:
        merged = sum(many * (1 - (math.exp(choices(n - c, batch) - choices(n, batch))
                                  if batch <= n - c else 0))
                     for c, many in by_count.items())
        rows.append({"batch": batch, "padded": BLOCK_SIZE * batch,
                     "packed": batch * positions / n, "merged": merged})
    contexts = {("." * 3 + name)[end:end + 3] for name in names for end in range(len(name) + 1)}
    return {"names": n, "positions": positions, "beginnings": len(shared),
            "contexts_of_3": len(contexts), "rows": rows,
            "rows_a_name": [{"batch": row["batch"], "packing": packing,
                             "rows": row[packing] / row["batch"]}
                            for row in rows for packing in ("padded", "packed", "merged")]}
