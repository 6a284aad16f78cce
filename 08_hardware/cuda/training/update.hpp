#pragma once
/// \file
/// What ends a step: the loss of the batch, and Adam.

#include <cmath>

#include "08_hardware/cuda/training/sides.hpp"

namespace ladder::gpu {

/// A sum of block_threads numbers.
struct ThreadParts {
  float sum[block_threads];
};

/// loss = Σ nats / rows, always in the same order; one block does it.
struct MeanLoss {
  using Shared = ThreadParts;
  int rows;
  const float* nats;  ///< (rows)
  float* loss;        ///< (1)

  LADDER_HOST_DEVICE int items() const { return 1; }

  /// The item.
  template <class Block>
  LADDER_DEVICE void operator()(Block& block, int) const {
    auto& found = block.template shared<ThreadParts>();
    block.each([&](int thread) {
      float sum = 0;
      for (int row = thread; row < rows; row += block_threads) sum += nats[row];
      found.sum[thread] = sum;
    });
    block.each([&](int thread) {
      if (thread != 0) return;
      float sum = 0;
      for (const float part : found.sum) sum += part;
      *loss = sum / static_cast<float>(rows);
    });
  }
};

/// What Adam needs to know of step t: made on the host, in double.
struct AdamStep {
  float lr;                     ///< of this step
  float beta1, beta2, epsilon;  ///< as in AdamOptions
  float m_scale, v_scale;       ///< 1 / (1 - betaᵗ)
};

/// Adds up the parts of the gradient, in the order of the chunks, and moves the parameters as
/// 06_gpt_adam/adam.hpp says; a thread a parameter.
struct Update {
  using Shared = ThreadParts;
  int parameters, chunks;
  AdamStep adam;
  const float* parts;           ///< (chunks, parameters)
  float *gradient, *m, *v, *w;  ///< (parameters)

  LADDER_HOST_DEVICE int items() const { return pieces_of(parameters, block_threads); }

  /// One item.
  template <class Block>
  LADDER_DEVICE void operator()(Block& block, int item) const {
    block.each([&](int thread) {
      const int i = item * block_threads + thread;
      if (i >= parameters) return;
      float g = 0;
      for (int chunk = 0; chunk < chunks; ++chunk) {
        g += parts[static_cast<long>(chunk) * parameters + i];
      }
      gradient[i] = g;
      m[i] = adam.beta1 * m[i] + (1 - adam.beta1) * g;
      v[i] = adam.beta2 * v[i] + (1 - adam.beta2) * g * g;
      w[i] -= adam.lr * (m[i] * adam.m_scale) / (sqrtf(v[i] * adam.v_scale) + adam.epsilon);
    });
  }
};

}  // namespace ladder::gpu
