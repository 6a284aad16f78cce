#pragma once
/// \file
/// v1: what a framework does. Each operation is a kernel of its own, 18 or 19 a token, each with a
/// few threads and some microseconds of ceremony; the token goes back to the host, which feeds it
/// again. v2 hands the same list to the device once, as a graph.

#include <memory>

#include "08_hardware/cuda/inference/ops.hpp"

namespace ladder::gpu {

/// Launches the operations of a token one after another, each when the one before has finished.
/// \param launch  launch(threads, operation)
template <class Launch>
void launch_token(Launch&& launch, const MicroGpt* model, bool final_norm, Between* b) {
  const MicroGpt& m = *model;  // an address of the device: nothing is read through it here
  // 1. Embedding.
  launch(n_embd, Embed{model, b});
  if (final_norm) {
    launch(n_embd, Copy{b->embedded, b->x});
  } else {
    launch(n_embd, RmsNorm{b->embedded, b->x});
  }
  // 2. Attention.
  launch(n_embd, RmsNorm{b->x, b->h});
  launch(n_embd, MatVec{m.attn_wq[0], n_embd, b->h, b->q});
  launch(n_embd, MatVec{m.attn_wk[0], n_embd, b->h, b->keys[0], &b->position});
  launch(n_embd, MatVec{m.attn_wv[0], n_embd, b->h, b->values[0], &b->position});
  launch(n_head * block_size, Scores{b});
  launch(n_head, Softmax{b});
  launch(n_embd, WeighValues{b});
  launch(n_embd, MatVec{m.attn_wo[0], n_embd, b->attended, b->mixed});
  launch(n_embd, Add{b->x, b->mixed, b->after_attention});
  // 3. MLP.
  launch(n_embd, RmsNorm{b->after_attention, b->n});
  launch(n_hidden, MatVec{m.mlp_fc1[0], n_embd, b->n, b->hidden});
  launch(n_hidden, Relu{b->hidden, b->active});
  launch(n_embd, MatVec{m.mlp_fc2[0], n_hidden, b->active, b->down});
  launch(n_embd, Add{b->after_attention, b->down, b->last});
  // 4. Logits, and the draw.
  if (final_norm) launch(n_embd, RmsNorm{b->last, b->normed});
  launch(vocab_size, MatVec{m.lm_head[0], n_embd, final_norm ? b->normed : b->last, b->logits});
  launch(1, Draw{b});
}

/// Kernels that a token takes: launch_token() is asked.
inline int launches_a_token(bool final_norm) {
  const auto model = std::make_unique<MicroGpt>();
  const auto between = std::make_unique<Between>();
  int count = 0;
  launch_token([&count](int, const auto&) { ++count; }, model.get(), final_norm, between.get());
  return count;
}

}  // namespace ladder::gpu
