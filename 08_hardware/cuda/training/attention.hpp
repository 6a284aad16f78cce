#pragma once
/// \file
/// Causal attention and its gradient. A block takes one head of one name, at most 16 positions of
/// 32 numbers, which all fit in shared memory. The formulas are those of
/// 05_gpt_sgd/attention.hpp.

#include <cmath>

#include "08_hardware/cuda/training/model_layout.hpp"

namespace ladder::gpu {

/// A row of a head in shared memory, and of its weights: rows begin in different banks.
inline constexpr int head_row = widest / n_head + 1, weights_row = block_size + 1;

/// One head of one name.
struct HeadShared {
  float q[block_size][head_row], k[block_size][head_row], v[block_size][head_row];
  float g[block_size][head_row];      ///< gradient of the result; backwards only
  float a[block_size][weights_row];   ///< A, row t: what position t looks at
  float ds[block_size][weights_row];  ///< gradient of the scores; backwards only
};

/// Which head of which name an item is, and where its numbers lie.
struct HeadPlace {
  int start, length;  ///< first position of the name in the batch, and T
  int head, width;    ///< of n_head; width of a head
  LADDER_HOST_DEVICE HeadPlace(const int* starts, int model_width, int item)
      : start(starts[item / n_head]),
        length(starts[item / n_head + 1] - start),
        head(item % n_head),
        width(model_width / n_head) {}

  /// Of number d of position t, in a matrix of so many columns.
  LADDER_HOST_DEVICE int at(int t, int d, int columns) const {
    return (start + t) * columns + head * width + d;
  }
  /// Of A[t][0], in (positions, n_head, block_size).
  LADDER_HOST_DEVICE int weights(int t) const { return ((start + t) * n_head + head) * block_size; }

  /// A thread's share of the head's numbers: f(t, d).
  template <class F>
  LADDER_DEVICE void numbers(int thread, F&& f) const {
    for (int i = thread; i < length * width; i += block_threads) f(i / width, i % width);
  }
  /// A thread's share of the pairs of a position and what it sees: f(t, s), s ≤ t.
  template <class F>
  LADDER_DEVICE void pairs(int thread, F&& f) const {
    for (int i = thread; i < length * block_size; i += block_threads) {
      if (i % block_size <= i / block_size) f(i / block_size, i % block_size);
    }
  }
  /// What scores are divided by.
  LADDER_DEVICE float root() const { return sqrtf(static_cast<float>(width)); }
};

/// Σ of the products of two rows.
inline LADDER_HOST_DEVICE float dot(const float* a, const float* b, int length) {
  float sum = 0;
  for (int i = 0; i < length; ++i) sum += a[i] * b[i];
  return sum;
}

/// S = q kᵀ / √head_dim,  A = softmax(S, causal),  y = A v.
struct Attention {
  using Shared = HeadShared;
  int names, width;
  const int* starts;  ///< (names + 1)
  const float* qkv;   ///< (positions, 3 W)
  float* weights;     ///< A for the way back, (positions, n_head, block_size)
  float* y;           ///< (positions, W)

  LADDER_HOST_DEVICE int items() const { return names * n_head; }

  /// One item.
  template <class Block>
  LADDER_DEVICE void operator()(Block& block, int item) const {
    auto& s = block.template shared<HeadShared>();
    const HeadPlace place(starts, width, item);
    block.each([&](int thread) {
      place.numbers(thread, [&](int t, int d) {
        const float* row = qkv + place.at(t, d, 3 * width);
        s.q[t][d] = row[0];
        s.k[t][d] = row[width];
        s.v[t][d] = row[2 * width];
      });
    });
    block.each([&](int thread) {
      place.pairs(thread, [&](int t, int past) {
        s.a[t][past] = dot(s.q[t], s.k[past], place.width) / place.root();
      });
    });
    block.each([&](int thread) {  // a thread a row: T of them have something to do
      const int t = thread;
      if (t >= place.length) return;
      float top = s.a[t][0], total = 0;
      for (int past = 1; past <= t; ++past) top = s.a[t][past] > top ? s.a[t][past] : top;
      for (int past = 0; past <= t; ++past) total += s.a[t][past] = expf(s.a[t][past] - top);
      for (int past = 0; past <= t; ++past) s.a[t][past] /= total;
    });
    block.each([&](int thread) {
      place.pairs(thread,
                  [&](int t, int past) { weights[place.weights(t) + past] = s.a[t][past]; });
      place.numbers(thread, [&](int t, int d) {
        float sum = 0;
        for (int past = 0; past <= t; ++past) sum += s.a[t][past] * s.v[past][d];
        y[place.at(t, d, width)] = sum;
      });
    });
  }
};

/// dv = Aᵀ G,  dA = G vᵀ,  dS = A ∘ (dA - rowsum(A ∘ dA)),  dq = dS k / √head_dim,
/// dk = dSᵀ q / √head_dim.
struct AttentionGradient {
  using Shared = HeadShared;
  int names, width;
  const int* starts;     ///< (names + 1)
  const float* qkv;      ///< (positions, 3 W)
  const float* weights;  ///< (positions, n_head, block_size)
  const float* dy;       ///< G, (positions, W)
  float* dqkv;           ///< (positions, 3 W)

  LADDER_HOST_DEVICE int items() const { return names * n_head; }

  /// One item.
  template <class Block>
  LADDER_DEVICE void operator()(Block& block, int item) const {
    auto& s = block.template shared<HeadShared>();
    const HeadPlace place(starts, width, item);
    block.each([&](int thread) {
      place.numbers(thread, [&](int t, int d) {
        const float* row = qkv + place.at(t, d, 3 * width);
        s.q[t][d] = row[0];
        s.k[t][d] = row[width];
        s.v[t][d] = row[2 * width];
        s.g[t][d] = dy[place.at(t, d, width)];
      });
      place.pairs(thread,
                  [&](int t, int past) { s.a[t][past] = weights[place.weights(t) + past]; });
    });
    block.each([&](int thread) {
      place.pairs(thread, [&](int t, int past) {
        s.ds[t][past] = dot(s.g[t], s.v[past], place.width);  // dA as yet
      });
    });
    block.each([&](int thread) {  // a thread a row
      const int t = thread;
      if (t >= place.length) return;
      const float sum = dot(s.a[t], s.ds[t], t + 1);
      for (int past = 0; past <= t; ++past) {
        s.ds[t][past] = s.a[t][past] * (s.ds[t][past] - sum) / place.root();
      }
    });
    block.each([&](int thread) {
      place.numbers(thread, [&](int t, int d) {
        float dq = 0, dk = 0, dv = 0;
        for (int past = 0; past <= t; ++past) dq += s.ds[t][past] * s.k[past][d];
        for (int later = t; later < place.length; ++later) {
          dk += s.ds[later][t] * s.q[later][d];
          dv += s.a[later][t] * s.g[later][d];
        }
        float* row = dqkv + place.at(t, d, 3 * width);
        row[0] = dq;
        row[width] = dk;
        row[2 * width] = dv;
      });
    });
  }
};

static_assert(block_threads >= block_size, "a thread a row");

}  // namespace ladder::gpu
