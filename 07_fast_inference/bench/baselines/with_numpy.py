"""The same in NumPy: every line a call into C, and the price of a call is what one measures."""

import sys

try:
    import numpy as np
except ImportError:
    sys.exit("NumPy is missing; on Debian: apt install python3-numpy")

from microgpt_weights import BOS, main


def rmsnorm(x):
    return x / np.sqrt(x @ x / np.float32(16) + np.float32(1e-5))


def forward(tensors):
    w = {name: np.array(rows, np.float32) for name, rows in tensors.items()}
    qkv = np.concatenate([w["layer0.attn_w" + kind] for kind in "qkv"])  # (48, 16)
    wo, fc1, fc2 = w["layer0.attn_wo"], w["layer0.mlp_fc1"], w["layer0.mlp_fc2"]
    wte, wpe, lm_head = w["wte"], w["wpe"], w["lm_head"]
    keys = np.zeros((4, 16, 4), np.float32)  # (head, position, dimension)
    values = np.zeros((4, 16, 4), np.float32)

    def logits(token, position):
        x = rmsnorm(wte[token] + wpe[position])
        query, key, value = (qkv @ rmsnorm(x)).reshape(3, 4, 4)
        keys[:, position] = key
        values[:, position] = value
        length = position + 1
        scores = keys[:, :length] @ query[:, :, None] * np.float32(0.5)  # (head, position, 1)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        heads = (weights * values[:, :length]).sum(axis=1) / weights.sum(axis=1)
        x = x + wo @ heads.reshape(16)
        x = x + fc2 @ np.maximum(fc1 @ rmsnorm(x), 0)
        return lm_head @ x

    return logits


def draw(logits, temperature, u):
    running = np.cumsum(np.exp((logits - logits.max()) / temperature))
    return min(int(np.searchsorted(running, u * running[-1], side="right")), BOS)


if __name__ == "__main__":
    main("numpy", forward, draw)
