#pragma once
/// \file
/// What a launch of v3 to v6 is asked to do, and what a stream keeps between two of them.

#include <cstdint>

#include "07_fast_inference/model/model.hpp"
#include "08_hardware/cuda/warp/target.hpp"

namespace ladder::gpu {

/// What a launch does for all of its streams: write names, or with `logits` take one step and say
/// what it sees.
struct Job {
  std::uint8_t* tokens = nullptr;  ///< (steps, streams), to be written
  float* logits = nullptr;         ///< (streams, vocab_size), to be written; null: write names
  int steps = 0;                   ///< of each stream
  int streams = 1;                 ///< of all warps together
  float scale = 1;                 ///< log2(e) / temperature
};

/// Where a stream stands.
struct StreamState {
  int token = bos_token;     ///< what it feeds next
  int position = 0;          ///< and where
  std::uint32_t random = 1;  ///< of xorshift32
};

/// Numbers of a stream's past, keys and values: 16 of each lane, or what a version makes of them.
inline constexpr int past_floats = 2 * block_size * n_embd;

/// log2(e): powers of 2 are what the hardware has.
inline constexpr float log2_of_e = 1.44269504f;

/// Writes a stream's names, a token a step, by a model whose step() leaves the logit of token i in
/// lane i. The loop of v3, v4 and v5: all of a run is one launch, and nothing goes back to the host
/// until its end.
/// \param past  (past_floats) what the model keeps of this stream between launches
template <class Warp, class Model>
LADDER_DEVICE void write_names(Warp& warp, Model& model, StreamState& state, float* past,
                               int stream, const Job& job);

}  // namespace ladder::gpu

#include "08_hardware/cuda/inference/write_names.hpp"
