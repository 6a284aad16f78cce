#pragma once
/// \file
/// What is done to each position by itself: embedding, RMSNorm and the loss, and their gradients.
/// Sixteen threads share a row of W numbers: each takes every sixteenth, and what it found stands
/// in shared memory, where all sixteen add it up in the same order.

#include <cmath>

#include "08_hardware/cuda/training/model_layout.hpp"

namespace ladder::gpu {

/// Threads of a row.
inline constexpr int row_threads = 16;
/// Rows of an item.
inline constexpr int item_rows = block_threads / row_threads;

/// What each thread found in its part of the row.
struct RowParts {
  float sum[item_rows][row_threads];
  float top[item_rows][row_threads];
};

/// A thread's place: a row of all, and the first of the numbers it works on.
struct RowPlace {
  int row, first, in_item;
  LADDER_HOST_DEVICE RowPlace(int item, int thread)
      : row(item * item_rows + thread / row_threads),
        first(thread % row_threads),
        in_item(thread / row_threads) {}
};

/// Σ of what sixteen threads found.
inline LADDER_HOST_DEVICE float sum_of(const float (&found)[row_threads]) {
  float sum = 0;
  for (const float number : found) sum += number;
  return sum;
}

/// The largest of it.
inline LADDER_HOST_DEVICE float top_of(const float (&found)[row_threads]) {
  float top = found[0];
  for (const float number : found) top = number > top ? number : top;
  return top;
}

/// A row of a matrix in memory.
struct Stored {
  const float* x;  ///< (…, W)
  int width;
  LADDER_HOST_DEVICE float operator()(int row, int j) const { return x[row * width + j]; }
};

/// wte[token] + wpe[position], made when it is read.
struct Embedded {
  const float *wte, *wpe;  ///< (vocab_size, W), (block_size, W)
  const int *tokens, *positions;
  int width;
  LADDER_HOST_DEVICE float operator()(int row, int j) const {
    return wte[tokens[row] * width + j] + wpe[positions[row] * width + j];
  }
};

/// y = s x with s = 1 / √(mean(x²) + ε), row by row.
template <class Rows>
struct RmsNormRows {
  using Shared = RowParts;
  int rows, width;
  Rows x;
  float* y;       ///< (rows, W)
  float* scales;  ///< (rows), s

  LADDER_HOST_DEVICE int items() const { return pieces_of(rows, item_rows); }

  /// One item.
  template <class Block>
  LADDER_DEVICE void operator()(Block& block, int item) const {
    auto& found = block.template shared<RowParts>();
    block.each([&](int thread) {
      const RowPlace at(item, thread);
      float squares = 0;
      if (at.row < rows) {
        for (int j = at.first; j < width; j += row_threads) squares += x(at.row, j) * x(at.row, j);
      }
      found.sum[at.in_item][at.first] = squares;
    });
    block.each([&](int thread) {
      const RowPlace at(item, thread);
      if (at.row >= rows) return;
      const float mean = sum_of(found.sum[at.in_item]) / static_cast<float>(width);
      const float scale = 1 / sqrtf(mean + norm_epsilon);
      for (int j = at.first; j < width; j += row_threads) {
        y[at.row * width + j] = scale * x(at.row, j);
      }
      if (at.first == 0) scales[at.row] = scale;
    });
  }
};

/// dx = s (G - y mean(G ∘ y)), with what else x was used for: + also.
struct RmsNormGradient {
  using Shared = RowParts;
  int rows, width;
  const float *dy, *y;  ///< G and the result, (rows, W)
  const float* scales;  ///< (rows)
  const float* also;    ///< (rows, W), or nullptr
  float* dx;            ///< (rows, W)

  LADDER_HOST_DEVICE int items() const { return pieces_of(rows, item_rows); }

  /// One item.
  template <class Block>
  LADDER_DEVICE void operator()(Block& block, int item) const {
    auto& found = block.template shared<RowParts>();
    block.each([&](int thread) {
      const RowPlace at(item, thread);
      float sum = 0;
      if (at.row < rows) {
        for (int j = at.row * width + at.first; j < (at.row + 1) * width; j += row_threads) {
          sum += dy[j] * y[j];
        }
      }
      found.sum[at.in_item][at.first] = sum;
    });
    block.each([&](int thread) {
      const RowPlace at(item, thread);
      if (at.row >= rows) return;
      const float mean = sum_of(found.sum[at.in_item]) / static_cast<float>(width);
      for (int j = at.row * width + at.first; j < (at.row + 1) * width; j += row_threads) {
        const float through = scales[at.row] * (dy[j] - y[j] * mean);
        dx[j] = also == nullptr ? through : also[j] + through;
      }
    });
  }
};

/// Nats of each prediction, -log softmax(logits)[target], and dlogits = (softmax(logits) - onehot)
/// / rows: the gradient of their mean.
struct CrossEntropy {
  using Shared = RowParts;
  int rows;
  const float* logits;  ///< (rows, vocab_size)
  const int* targets;   ///< (rows)
  float* nats;          ///< (rows)
  float* dlogits;       ///< (rows, vocab_size)

  LADDER_HOST_DEVICE int items() const { return pieces_of(rows, item_rows); }

  /// One item.
  template <class Block>
  LADDER_DEVICE void operator()(Block& block, int item) const {
    auto& found = block.template shared<RowParts>();
    block.each([&](int thread) {
      const RowPlace at(item, thread);
      if (at.row >= rows) return;
      const float* logit = logits + at.row * vocab_size;
      float top = logit[at.first];  // each of the sixteen has one at least
      for (int j = at.first; j < vocab_size; j += row_threads) {
        top = logit[j] > top ? logit[j] : top;
      }
      found.top[at.in_item][at.first] = top;
    });
    block.each([&](int thread) {
      const RowPlace at(item, thread);
      if (at.row >= rows) return;
      const float* logit = logits + at.row * vocab_size;
      const float top = top_of(found.top[at.in_item]);
      float sum = 0;
      for (int j = at.first; j < vocab_size; j += row_threads) sum += expf(logit[j] - top);
      found.sum[at.in_item][at.first] = sum;
    });
    block.each([&](int thread) {
      const RowPlace at(item, thread);
      if (at.row >= rows) return;
      const float* logit = logits + at.row * vocab_size;
      const float top = top_of(found.top[at.in_item]), total = sum_of(found.sum[at.in_item]);
      const int target = targets[at.row];
      for (int j = at.first; j < vocab_size; j += row_threads) {
        const float wanted = j == target ? 1.0f : 0.0f;
        dlogits[at.row * vocab_size + j] =
            (expf(logit[j] - top) / total - wanted) / static_cast<float>(rows);
      }
      if (at.first == 0) nats[at.row] = logf(total) + top - logit[target];
    });
  }
};

static_assert(vocab_size >= row_threads);

}  // namespace ladder::gpu
