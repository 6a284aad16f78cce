#pragma once
/// \file
/// v4's attention: a stream's past in registers. Lane 8 h + p has head h at positions p and p + 8.

#include "08_hardware/cuda/inference/job.hpp"
#include "08_hardware/cuda/warp/collectives.hpp"

namespace ladder::gpu {

/// Keys and values of one stream, spread over the lanes.
template <class Warp>
class LaneAttention {
 public:
  using Float = typename Warp::Float;
  using Int = typename Warp::Int;

  /// This lane's keys and values, (2 slots, head_dim) each, lanes side by side.
  LADDER_DEVICE void load(Warp& warp, const float* past) {
    LADDER_UNROLL
    for (int i = 0; i < 8; ++i) {
      key_[i / 4][i % 4] = warp.load(past + i * warp_lanes, warp.lane());
      value_[i / 4][i % 4] = warp.load(past + (8 + i) * warp_lanes, warp.lane());
    }
  }

  /// And back.
  LADDER_DEVICE void store(Warp& warp, float* past) {
    LADDER_UNROLL
    for (int i = 0; i < 8; ++i) {
      warp.store(past + i * warp_lanes, warp.lane(), key_[i / 4][i % 4]);
      warp.store(past + (8 + i) * warp_lanes, warp.lane(), value_[i / 4][i % 4]);
    }
  }

  /// Attends to the past and to what is new. Of its own head each lane has the query, the new key
  /// and the new value.
  /// \returns number d of head h, in lanes 8 h + d / 2 + 2 (d % 2) and 4 above
  LADDER_DEVICE Float attend(Warp& warp, const Float (&query)[head_dim],
                             const Float (&key)[head_dim], const Float (&value)[head_dim],
                             int position) {
    warp.part(Part::attention);
    const Int place = warp.lane() & 7;
    Float score[2];
    LADDER_UNROLL
    for (int slot = 0; slot < 2; ++slot) {
      const Int t = place + slot * 8;
      const auto is_new = t == position;
      Float sum = 0.0f;
      LADDER_UNROLL
      for (int d = 0; d < head_dim; ++d) {
        key_[slot][d] = pick(is_new, key[d], key_[slot][d]);
        value_[slot][d] = pick(is_new, value[d], value_[slot][d]);
        sum = fused(query[d], key_[slot][d], sum);
      }
      // exp(score / √head_dim), as a power of 2
      score[slot] = pick(t <= position, sum * Float(log2_of_e / 2), Float(-3.0e38f));
    }
    const Float top = largest_over(warp, larger(score[0], score[1]), 8);
    const Float weight[2] = {exp2_of(score[0] - top), exp2_of(score[1] - top)};
    Float sum[head_dim];
    LADDER_UNROLL
    for (int d = 0; d < head_dim; ++d) {
      sum[d] = fused(weight[1], value_[1][d], weight[0] * value_[0][d]);
    }
    const Float total = sum_over(warp, weight[0] + weight[1], 8);
    halve<4>(warp, sum, 1);
    halve<2>(warp, sum, 2);
    const Float mixed = sum[0] + warp.shuffle_xor(sum[0], 4);
    return mixed * reciprocal(total);
  }

 private:
  Float key_[2][head_dim], value_[2][head_dim];
};

}  // namespace ladder::gpu
