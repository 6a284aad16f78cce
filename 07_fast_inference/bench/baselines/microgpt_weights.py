"""What the baselines share: reading the weights file, drawing tokens, the clock. No library."""

import argparse
import array
import json
import math
import struct
import sys
import time

BOS, BLOCK = 26, 16


def load(path):
    """The tensors of a safetensors file: name -> list of rows."""
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header, data = json.loads(file.read(size)), file.read()
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        if len(entry["shape"]) != 2:  # a gain
            sys.exit("runs microGPT's variant only")
        begin, end = entry["data_offsets"]
        numbers = array.array("f", data[begin:end])
        if sys.byteorder == "big":
            numbers.byteswap()
        columns = entry["shape"][1]
        tensors[name] = [list(numbers[i:i + columns]) for i in range(0, len(numbers), columns)]
    return tensors


def stir(seed):
    """The first number of SplitMix64 (common/random.hpp), 64 bits."""
    bits = 2**64 - 1
    z = seed + 0x9E3779B97F4A7C15 & bits
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & bits
    z = (z ^ z >> 27) * 0x94D049BB133111EB & bits
    return z ^ z >> 31


class Xorshift32:
    """The ladder's random numbers (common/sampling.hpp)."""

    def __init__(self, seed, stream=0):
        self.state = stir(stir(seed) + stream) >> 32 or 0x7FEB352D

    def uniform(self):
        x = self.state
        x ^= x << 13 & 0xFFFFFFFF
        x ^= x >> 17
        x ^= x << 5 & 0xFFFFFFFF
        self.state = x
        return (x >> 8) * 2.0**-24


def most_likely(logits):
    """What temperature 0 means: the token with the largest logit, the first of several."""
    return max(range(len(logits)), key=lambda token: logits[token])


def draw(logits, temperature, u):
    """The first token whose running sum of probabilities exceeds u times their total."""
    largest = max(logits)
    weights = [math.exp((logit - largest) / temperature) for logit in logits]
    threshold, running = u * sum(weights), 0.0
    for token, weight in enumerate(weights):
        running += weight
        if running > threshold:
            return token
    return BOS


def main(engine, forward, draw=draw):
    """`forward(tensors)` makes the model: a function of (token, position) that returns logits."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", required=True)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--names", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=0.0, help="measure speed for so long")
    options = parser.parse_args()
    logits = forward(load(options.weights))
    random = Xorshift32(options.seed)

    def write_name():
        token, name = BOS, ""
        for position in range(BLOCK):
            after = logits(token, position)
            if options.temperature == 0:
                token = most_likely(after)
            else:
                token = draw(after, options.temperature, random.uniform())
            if token == BOS:
                return name, position + 1
            name += chr(ord("a") + token)
        return name, BLOCK

    result = {"engine": engine, "names": [write_name()[0] for _ in range(options.names)],
              "tokens_per_second": None, "rounds": []}
    # Five rounds, each of a fifth of the time; the middle one counts.
    for _ in range(5 if options.seconds > 0 else 0):
        tokens, start = 0, time.process_time()
        while time.process_time() - start < options.seconds / 5:
            tokens += write_name()[1]
        result["rounds"].append(tokens / (time.process_time() - start))
    if result["rounds"]:
        result["tokens_per_second"] = sorted(result["rounds"])[2]
    print(json.dumps(result))
