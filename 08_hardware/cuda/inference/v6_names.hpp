#pragma once
/// \file
/// v6's draw and loop, which v6_tensor_cores.hpp announces.

#include "08_hardware/cuda/inference/v6_tensor_cores.hpp"

namespace ladder::gpu {

template <class Warp>
LADDER_DEVICE typename Warp::Int draw_pairs(Warp& warp, const TensorPast& past, float scale,
                                            const typename Warp::Float& u) {
  using Float = typename Warp::Float;
  using Int = typename Warp::Int;
  constexpr int half = (vocab_size + 1) / 2;  // the upper lane's last one is no token
  warp.part(Part::draw);
  const auto is_upper = (warp.lane() & 1) == 1;
  const Int at = (warp.lane() >> 1) * 33 + pick(is_upper, Int(half), Int(0));
  Float weight[half], top = -3.0e38f;
  LADDER_UNROLL
  for (int i = 0; i < half; ++i) {
    weight[i] = warp.load(&past.logits[0][0] + i, at);
    if (i == half - 1) weight[i] = pick(is_upper, Float(-3.0e38f), weight[i]);
    top = larger(top, weight[i]);
  }
  top = larger(top, warp.shuffle_xor(top, 1));
  Float sum = 0.0f;
  LADDER_UNROLL
  for (int i = 0; i < half; ++i) {
    weight[i] = exp2_of((weight[i] - top) * Float(scale));
    sum = sum + weight[i];
  }
  const Float other = warp.shuffle_xor(sum, 1);
  const Float threshold = (sum + other) * u;
  // The first running sum beyond the threshold: so many of them are not.
  Float running = pick(is_upper, other, Float(0.0f));
  Int before = 0;
  LADDER_UNROLL
  for (int i = 0; i < half; ++i) {
    running = running + weight[i];
    before = before + pick(running <= threshold, Int(1), Int(0));
  }
  before = before + warp.shuffle_xor(before, 1);
  return pick(before > Int(vocab_size - 1), Int(vocab_size - 1), before);
}

template <class Warp>
LADDER_DEVICE void write_sixteen(Warp& warp, TensorModel<Warp>& model, TensorPast& past,
                                 StreamState* states, int* kept, int first_stream, const Job& job) {
  using Float = typename Warp::Float;
  using Int = typename Warp::Int;
  // Lanes 2 i and 2 i + 1 lead stream i; the model wants those of streams lane / 4 and 8 more.
  const Int stream = warp.lane() >> 1, quad = warp.lane() >> 2;
  constexpr int ints = sizeof(StreamState) / sizeof(int);
  static_assert(ints == 3);
  int* fields = &states[0].token;
  Int token = warp.load(fields, stream * ints), position = warp.load(fields + 1, stream * ints);
  auto random = warp.load(&states[0].random, stream * ints);
  const auto is_leader = (warp.lane() & 1) == 0;
  for (int t = 0; t < block_size; ++t) {
    warp.when(is_leader, [&] {
      warp.store(&past.tokens[0][0], stream * (block_size + 1) + t,
                 warp.load(kept, stream * block_size + t));
    });
  }
  for (int step = 0; step < job.steps; ++step) {
    warp.sync();
    const Int tokens[2] = {warp.shuffle(token, quad * 2), warp.shuffle(token, quad * 2 + 16)};
    const Int positions[2] = {warp.shuffle(position, quad * 2),
                              warp.shuffle(position, quad * 2 + 16)};
    model.step(warp, tokens, positions);
    if (job.logits != nullptr) {
      for (int i = 0; i < tensor_streams; ++i) {
        warp.when(warp.lane() < vocab_size, [&] {
          warp.store(job.logits + (first_stream + i) * vocab_size, warp.lane(),
                     warp.load(past.logits[i], warp.lane()));
        });
      }
      continue;
    }
    const Float u = to_float(next_random(random)) * Float(0x1p-24f);
    token = draw_pairs(warp, past, job.scale, u);
    std::uint8_t* row =
        job.tokens + static_cast<std::size_t>(step) * static_cast<std::size_t>(job.streams);
    warp.when(is_leader, [&] { warp.store(row + first_stream, stream, to_byte(token)); });
    const auto ends = (token == Int(bos_token)) | (position == Int(block_size - 1));
    token = pick(ends, Int(bos_token), token);
    position = pick(ends, Int(0), position + 1);
  }
  warp.sync();
  warp.when(is_leader, [&] {
    for (int t = 0; t < block_size; ++t) {
      warp.store(kept, stream * block_size + t,
                 warp.load(&past.tokens[0][0], stream * (block_size + 1) + t));
    }
    warp.store(fields, stream * ints, token);
    warp.store(fields + 1, stream * ints, position);
    warp.store(&states[0].random, stream * ints, random);
  });
}

}  // namespace ladder::gpu
