"""The same in MLX, Apple's array library: on a GPU a token of this size is all launches."""

import sys

try:
    import mlx.core as mx
except ImportError:
    sys.exit("MLX is missing; on an Apple machine: pip install mlx")

from microgpt_weights import draw, main


def rmsnorm(x):
    return x * mx.rsqrt(mx.mean(x * x) + 1e-5)


def forward(tensors):
    w = {name: mx.array(rows) for name, rows in tensors.items()}
    keys, values = [], []

    def logits(token, position):
        if position == 0:
            keys.clear()
            values.clear()
        x = rmsnorm(w["wte"][token] + w["wpe"][position])
        h = rmsnorm(x)
        query = (w["layer0.attn_wq"] @ h).reshape(4, 1, 4)
        keys.append((w["layer0.attn_wk"] @ h).reshape(4, 1, 4))
        values.append((w["layer0.attn_wv"] @ h).reshape(4, 1, 4))
        scores = query @ mx.concatenate(keys, axis=1).transpose(0, 2, 1) * 0.5  # (head, 1, T)
        heads = mx.softmax(scores, axis=-1) @ mx.concatenate(values, axis=1)
        x = x + w["layer0.attn_wo"] @ heads.reshape(16)
        hidden = mx.maximum(w["layer0.mlp_fc1"] @ rmsnorm(x), 0)
        x = x + w["layer0.mlp_fc2"] @ hidden
        return (w["lm_head"] @ x).tolist()

    return logits


if __name__ == "__main__":
    main("mlx", forward, draw)
