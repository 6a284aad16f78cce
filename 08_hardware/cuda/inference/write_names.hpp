#pragma once
/// \file
/// The loop that job.hpp announces.

#include <cstddef>

#include "08_hardware/cuda/inference/job.hpp"
#include "08_hardware/cuda/warp/collectives.hpp"

namespace ladder::gpu {

template <class Warp, class Model>
LADDER_DEVICE void write_names(Warp& warp, Model& model, StreamState& state, float* past,
                               int stream, const Job& job) {
  int token = state.token, position = state.position;
  std::uint32_t random = state.random;
  model.load_past(warp, past);
  for (int step = 0; step < job.steps; ++step) {
    const typename Warp::Float logit = model.step(warp, token, position);
    if (job.logits != nullptr) {
      warp.when(warp.lane() < vocab_size,
                [&] { warp.store(job.logits, warp.lane() + stream * vocab_size, logit); });
      continue;
    }
    const float u = static_cast<float>(next_random(random)) * 0x1p-24f;
    token = draw(warp, logit, vocab_size, job.scale, u);
    const std::size_t at = static_cast<std::size_t>(step) * static_cast<std::size_t>(job.streams);
    warp.once([&] {
      job.tokens[at + static_cast<std::size_t>(stream)] = static_cast<std::uint8_t>(token);
    });
    const bool ends = token == bos_token || position + 1 == block_size;
    token = ends ? bos_token : token;
    position = ends ? 0 : position + 1;
  }
  model.store_past(warp, past);
  warp.sync();  // all lanes have read the state
  warp.once([&] { state = {token, position, random}; });
}

}  // namespace ladder::gpu
