#pragma once
/// \file
/// The fast version at width 16 without some of its ideas.

#include "09_fast_training/fast/kernels.hpp"

namespace ladder {

/// Each has the ideas of those before it, but for those that are meant to lose.
enum class HistoryKernels {
  loops,       ///< operation by operation, a row of sums in memory
  skip_zeros,  ///< meant to lose: the same, leaving out products with 0
  registers,   ///< products in tiles of registers
  fused_qkv,   ///< queries, keys and values in one product
  fused_relu,  ///< ReLU and its mask at the end of a product
  fast_exp,    ///< exp by a polynomial
  fast_adam,   ///< Adam's quotients estimated: the version that trains
  split_adam   ///< meant to lose: the same, Adam in three passes
};

/// In the vectors that this build is made for.
const Kernels<float>& history_kernels(HistoryKernels which);

}  // namespace ladder
