#pragma once
/// \file
/// The operations of v1 and v2: what thread i of each kernel does. On the host a loop over i stands
/// in for the threads, so the same source is tested there. No thread may read what another one of
/// its kernel writes.

#include <cmath>
#include <cstdint>

#include "07_fast_inference/model/model.hpp"
#include "08_hardware/cuda/inference/job.hpp"
#include "08_hardware/cuda/warp/collectives.hpp"

namespace ladder::gpu {

/// All numbers between the operations of a token, in the device's memory.
struct Between {
  int token, position;                                      ///< fed by the host
  int drawn;                                                ///< and read by it
  std::uint32_t random;                                     ///< of xorshift32
  float scale;                                              ///< log2(e) / temperature
  float embedded[n_embd], x[n_embd], h[n_embd], q[n_embd];  ///< x is the residual stream
  float keys[block_size][n_embd], values[block_size][n_embd];
  float scores[n_head][block_size], weights[n_head][block_size];
  float attended[n_embd], mixed[n_embd], after_attention[n_embd], n[n_embd];
  float hidden[n_hidden], active[n_hidden], down[n_embd], last[n_embd], normed[n_embd];
  float logits[vocab_size];
};

/// y = wte[token] + wpe[position]; a thread a number.
struct Embed {
  const MicroGpt* model;
  Between* b;
  LADDER_HOST_DEVICE void operator()(int i) const {
    b->embedded[i] = model->wte[b->token][i] + model->wpe[b->position][i];
  }
};

/// y = x / √(mean(x²) + ε), of n_embd numbers; each thread adds up all squares for itself.
struct RmsNorm {
  const float* x;
  float* y;
  LADDER_HOST_DEVICE void operator()(int i) const {
    float squares = 0;
    for (int j = 0; j < n_embd; ++j) squares += x[j] * x[j];
    y[i] = x[i] / sqrtf(squares / n_embd + norm_epsilon);
  }
};

/// y = x
struct Copy {
  const float* x;
  float* y;
  LADDER_HOST_DEVICE void operator()(int i) const { y[i] = x[i]; }
};

/// y = W x, a thread a row. With `row`, y is the row of that number of a (…, n_embd) matrix.
struct MatVec {
  const float* w;  ///< (threads, columns)
  int columns;
  const float* x;
  float* y;
  const int* row = nullptr;
  LADDER_HOST_DEVICE void operator()(int i) const {
    float sum = 0;
    for (int j = 0; j < columns; ++j) sum += w[i * columns + j] * x[j];
    y[(row == nullptr ? 0 : *row * n_embd) + i] = sum;
  }
};

/// y = a + b
struct Add {
  const float *a, *b;
  float* y;
  LADDER_HOST_DEVICE void operator()(int i) const { y[i] = a[i] + b[i]; }
};

/// y = max(x, 0)
struct Relu {
  const float* x;
  float* y;
  LADDER_HOST_DEVICE void operator()(int i) const { y[i] = x[i] > 0 ? x[i] : 0; }
};

/// A thread a score: head i / block_size, position i % block_size.
struct Scores {
  Between* b;
  LADDER_HOST_DEVICE void operator()(int i) const {
    const int head = i / block_size, t = i % block_size;
    float sum = 0;
    for (int d = head * head_dim; d < (head + 1) * head_dim; ++d) sum += b->q[d] * b->keys[t][d];
    b->scores[head][t] = sum / sqrtf(head_dim);
  }
};

/// A thread a head: softmax over the positions so far.
struct Softmax {
  Between* b;
  LADDER_HOST_DEVICE void operator()(int head) const {
    const float* score = b->scores[head];
    float top = score[0], total = 0;
    for (int t = 1; t <= b->position; ++t) top = score[t] > top ? score[t] : top;
    for (int t = 0; t <= b->position; ++t) total += b->weights[head][t] = expf(score[t] - top);
    for (int t = 0; t <= b->position; ++t) b->weights[head][t] /= total;
  }
};

/// A thread a number of the values' weighted sum.
struct WeighValues {
  Between* b;
  LADDER_HOST_DEVICE void operator()(int i) const {
    float sum = 0;
    for (int t = 0; t <= b->position; ++t) sum += b->weights[i / head_dim][t] * b->values[t][i];
    b->attended[i] = sum;
  }
};

/// One thread draws, as common/sampling.hpp says.
struct Draw {
  Between* b;
  LADDER_HOST_DEVICE void operator()(int) const {
    float top = b->logits[0], total = 0, weight[vocab_size];
    for (const float logit : b->logits) top = logit > top ? logit : top;
    for (int i = 0; i < vocab_size; ++i) {
      total += weight[i] = exp2f((b->logits[i] - top) * b->scale);
    }
    const float threshold = static_cast<float>(next_random(b->random)) * 0x1p-24f * total;
    int token = 0;
    float sum = weight[0];
    while (token < vocab_size - 1 && !(sum > threshold)) sum += weight[++token];
    b->drawn = token;
  }
};

}  // namespace ladder::gpu
