#pragma once
/// \file
/// v5 adds to v4: company. While a warp waits for its own last number, others can work; so every
/// block has many warps, a stream each, and the chip as many blocks as fit. Registers are what a
/// chip runs out of: weights move from v4's registers to shared memory, one copy a block.

#include "08_hardware/cuda/inference/v4_one_stream_fast.hpp"

namespace ladder::gpu {

/// Warps of a block, and so its streams.
inline constexpr int block_warps = 8;

/// One warp's whole run. \param packed  in the block's shared memory
template <class Warp>
LADDER_DEVICE void write_stream(Warp& warp, const PackedWeights& packed, StreamState& state,
                                float* past, int stream, const Job& job) {
  MemoryWeights<Warp> weights{packed};
  LaneModel<Warp, MemoryWeights<Warp>, false> model(weights, packed, nullptr);
  write_names(warp, model, state, past, stream, job);
}

}  // namespace ladder::gpu
