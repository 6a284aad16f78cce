#pragma once
/// \file
/// What lanes do together, written once for both kinds of warp: sums, largest numbers, running
/// sums, and the draw of a token.

#include <bit>
#include <cstdint>

#include "08_hardware/cuda/warp/target.hpp"
#if defined(__CUDACC__)  // a float is of no namespace: what works on it must be known by now
#include "08_hardware/cuda/warp/device_warp.cuh"
#endif

namespace ladder::gpu {

/// Every lane gets the sum over the lanes whose number differs only in bits below `width`: 16 for
/// either half of the warp. A power of 2 lanes need that many shuffles: each doubles what a sum
/// spans.
template <class Warp>
LADDER_DEVICE typename Warp::Float sum_over(Warp& warp, typename Warp::Float value, int width) {
  LADDER_UNROLL
  for (int bit = 1; bit < width; bit *= 2) value = value + warp.shuffle_xor(value, bit);
  return value;
}

/// Likewise the largest.
template <class Warp>
LADDER_DEVICE typename Warp::Float largest_over(Warp& warp, typename Warp::Float value, int width) {
  LADDER_UNROLL
  for (int bit = 1; bit < width; bit *= 2) value = larger(value, warp.shuffle_xor(value, bit));
  return value;
}

/// Lane i gets the sum of lanes 0 … i (Hillis and Steele, 1986): five steps for 32 lanes.
template <class Warp>
LADDER_DEVICE typename Warp::Float running_sum(Warp& warp, typename Warp::Float value) {
  const auto lane = warp.lane();
  LADDER_UNROLL
  for (int distance = 1; distance < warp_lanes; distance *= 2) {
    const auto below = warp.shuffle_up(value, distance);
    warp.when(lane >= distance, [&] { value = value + below; });
  }
  return value;
}

/// Half of `values` goes to the lane that differs in this bit, and its half comes here: afterwards
/// the first n / 2 are sums of two lanes, those of the upper half where the bit is set. Done for
/// all bits, n numbers of n lanes each become one sum a lane, in n - 1 shuffles rather than n log
/// n.
template <int n, class Warp>
LADDER_DEVICE void halve(Warp& warp, typename Warp::Float* values, int bit) {
  const auto upper = (warp.lane() & bit) == bit;
  LADDER_UNROLL
  for (int i = 0; i < n / 2; ++i) {
    const auto kept = pick(upper, values[i + n / 2], values[i]);
    const auto given = pick(upper, values[i], values[i + n / 2]);
    values[i] = kept + warp.shuffle_xor(given, bit);
  }
}

/// The contract's random number (common/sampling.hpp): xorshift32, 24 bits of it. U is an unsigned
/// of 32 bits, or one in each lane. \returns uniform in [0, 1)
template <class U>
LADDER_HOST_DEVICE U next_random(U& state) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state >> 8;
}

/// The number of the lowest bit that is set. \param bits  not 0
LADDER_HOST_DEVICE inline int lowest_bit(std::uint32_t bits) {
#if defined(__CUDA_ARCH__)
  return __ffs(static_cast<int>(bits)) - 1;
#else
  return std::countr_zero(bits);
#endif
}

/// The first of `count` tokens whose running sum of 2^((logit - largest) scale) exceeds u times
/// their total.
/// \param logit  lane i has token i's
/// \param scale  log2(e) / temperature
/// \returns the same in all lanes
template <class Warp>
LADDER_DEVICE int draw(Warp& warp, typename Warp::Float logit, int count, float scale, float u) {
  using Float = typename Warp::Float;
  constexpr float nothing = -3.0e38f;
  warp.part(Part::draw);
  const auto is_token = warp.lane() < count;
  logit = pick(is_token, logit, Float(nothing));
  const Float top = largest_over(warp, logit, warp_lanes);
  Float weight = 0.0f;
  warp.when(is_token, [&] { weight = exp2_of((logit - top) * Float(scale)); });
  const Float sum = running_sum(warp, weight);
  const Float threshold = warp.shuffle(sum, warp_lanes - 1) * Float(u);
  const std::uint32_t beyond = warp.ballot(sum > threshold) & ((1u << count) - 1);
  // None, if u is so near 1 that rounding decides.
  return beyond == 0 ? count - 1 : lowest_bit(beyond);
}

}  // namespace ladder::gpu
