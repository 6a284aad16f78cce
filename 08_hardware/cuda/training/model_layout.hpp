#pragma once
/// \file
/// microGPT's variant of stage 06 (no gains, a norm after the embeddings) in any of these widths,
/// and where its matrices lie in one array.

#include "07_fast_inference/model/model.hpp"
#include "08_hardware/cuda/training/sides.hpp"

namespace ladder::gpu {

/// Widths that the kernels can train: multiples of 16 up to here.
inline constexpr int widest = 128;

/// Where each matrix begins, in the order of Gpt::parameters(), which is microgpt.py's: what is
/// multiplied by the same input (wq, wk, wv) or read with the same gradient (wte, wpe) lies side by
/// side, and is one product.
struct ModelLayout {
  int width = n_embd;  ///< of the residual stream, W

  /// Of the MLP.
  LADDER_HOST_DEVICE int hidden() const { return 4 * width; }
  /// Of one of the n_head heads.
  LADDER_HOST_DEVICE int head_width() const { return width / n_head; }
  /// (vocab_size, W), and from its end wpe, (block_size, W)
  LADDER_HOST_DEVICE int wte() const { return 0; }
  /// (block_size, W)
  LADDER_HOST_DEVICE int wpe() const { return vocab_size * width; }
  /// (vocab_size, W)
  LADDER_HOST_DEVICE int lm_head() const { return wpe() + block_size * width; }
  /// (3 W, W): wq, wk and wv
  LADDER_HOST_DEVICE int attn_wqkv() const { return lm_head() + vocab_size * width; }
  /// (W, W)
  LADDER_HOST_DEVICE int attn_wo() const { return attn_wqkv() + 3 * width * width; }
  /// (4 W, W)
  LADDER_HOST_DEVICE int mlp_fc1() const { return attn_wo() + width * width; }
  /// (W, 4 W)
  LADDER_HOST_DEVICE int mlp_fc2() const { return mlp_fc1() + 4 * width * width; }
  /// How many numbers there are in all.
  LADDER_HOST_DEVICE int size() const { return mlp_fc2() + 4 * width * width; }
};

}  // namespace ladder::gpu
