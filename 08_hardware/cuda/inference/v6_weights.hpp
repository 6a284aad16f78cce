#pragma once
/// \file
/// What v6 has in memory: weights as the matrix unit wants them, and sixteen streams' pasts.

#include "07_fast_inference/model/model.hpp"
#include "08_hardware/cuda/inference/packed_weights.hpp"

namespace ladder::gpu {

/// Streams of a warp.
inline constexpr int tensor_streams = 16;

/// The right matrices by lane: [step of 8 inputs][tile of 8 outputs][which][lane]. Lane 4 g + t has
/// output g of the tile; its two inputs are 2 t and 2 t + 1 of the eight, where the instruction
/// thinks of t and t + 4: any order does, if both sides keep it.
struct FragmentWeights {
  using Fragment = LaneRow[2];
  Fragment wo[2][2];
  Fragment fc1[2][8];
  Fragment fc2[8][2];
  Fragment head[2][4];  ///< 27 outputs, then zeros
  int final_norm;

  /// Packs the model's matrices.
  static FragmentWeights of(const MicroGpt& model);
};

/// What a warp keeps of its sixteen streams, in shared memory.
struct TensorPast {
  int tokens[tensor_streams]
            [block_size + 1];        ///< at each position of the name; rows in other banks
  float logits[tensor_streams][33];  ///< of the step, for the draw
};

}  // namespace ladder::gpu
