#pragma once
/// \file
/// Eight lanes of 32 bits, for fixed point: a lane is a sum or a pair of 16-bit numbers. One width
/// on every machine, as many instructions as it takes there (one on AVX2, two on SSE and NEON).

#include <array>

#include "07_fast_inference/fixed_point/fixed_point.hpp"
#include "07_fast_inference/one_stream/simd.hpp"

namespace ladder {

/// Eight numbers with a sign, or pairs.
using Eight [[gnu::vector_size(32)]] = std::int32_t;
/// Eight numbers without one.
using UnsignedEight [[gnu::vector_size(32)]] = std::uint32_t;

/// The same number in every lane.
[[gnu::always_inline]] inline Eight splat8(std::int32_t n) { return n - Eight{}; }

/// Eight numbers from memory, aligned or not.
[[gnu::always_inline]] inline Eight load8(const std::int32_t* from) {
  Eight result;
  std::memcpy(&result, from, sizeof result);
  return result;
}

/// And back to memory.
[[gnu::always_inline]] inline void store8(std::int32_t* to, Eight x) {
  std::memcpy(to, &x, sizeof x);
}

/// Eight 16-bit numbers, each in a lane of its own.
[[gnu::always_inline]] inline Eight widen8(const std::int16_t* from) {
  using Shorts [[gnu::vector_size(16)]] = std::int16_t;
  Shorts narrow;
  std::memcpy(&narrow, from, sizeof narrow);
  return __builtin_convertvector(narrow, Eight);
}

/// Two 16-bit numbers side by side.
constexpr std::int32_t pair_of(int low, int high) {
  return static_cast<std::int32_t>((static_cast<std::uint32_t>(low) & 0xFFFF) |
                                   static_cast<std::uint32_t>(high) << 16);
}

/// The same in each lane: what lies beyond 16 bits of `low` goes away.
[[gnu::always_inline]] inline Eight pair8(Eight low, Eight high) {
  return (low & 0xFFFF) | (Eight)((UnsignedEight)high << 16);
}

/// The larger of two, lane by lane.
[[gnu::always_inline]] inline Eight max8(Eight a, Eight b) { return a > b ? a : b; }
/// The smaller of two, lane by lane.
[[gnu::always_inline]] inline Eight min8(Eight a, Eight b) { return a < b ? a : b; }

/// sum + the products of two pairs, for each lane; the sum must fit 32 bits, or is taken without a
/// sign.
[[gnu::always_inline]] inline Eight add_pair_products8(Eight sum, Eight a, Eight b) {
#if defined(__AVX2__)
  return (Eight)((UnsignedEight)sum + (UnsignedEight)_mm256_madd_epi16((__m256i)a, (__m256i)b));
#else
  static_assert(lanes == 4);
  const auto half = [](Eight x, auto upper) {
    return upper ? __builtin_shufflevector(x, x, 4, 5, 6, 7)
                 : __builtin_shufflevector(x, x, 0, 1, 2, 3);
  };
  const std::false_type low;
  const std::true_type high;
  return __builtin_shufflevector(add_pair_products(half(sum, low), half(a, low), half(b, low)),
                                 add_pair_products(half(sum, high), half(a, high), half(b, high)),
                                 0, 1, 2, 3, 4, 5, 6, 7);
#endif
}

/// narrow() of each lane, the result in 32 bits; 1 <= shift <= 31. Half a unit is added one bit
/// before the end, where there is room for it.
[[gnu::always_inline]] inline Eight narrow8(Eight sum, int shift) {
  const Eight rounded = ((sum >> (shift - 1)) + 1) >> 1;
  return min8(max8(rounded, splat8(INT16_MIN)), splat8(INT16_MAX));
}

/// narrow_unsigned() of each lane; 2 <= shift <= 32.
[[gnu::always_inline]] inline UnsignedEight narrow_unsigned8(UnsignedEight n, int shift) {
  const UnsignedEight rounded = ((n >> (shift - 1)) + 1) >> 1;
  return rounded < 0xFFFF ? rounded : 0xFFFF;
}

/// saturate16() of each lane.
[[gnu::always_inline]] inline Eight saturate8(Eight n) {
  return min8(max8(n, splat8(INT16_MIN)), splat8(INT16_MAX));
}

/// a + b, saturated to 32 bits: a sum that leaves them has another sign than both.
[[gnu::always_inline]] inline Eight add_saturated8(Eight a, Eight b) {
  const Eight sum = (Eight)((UnsignedEight)a + (UnsignedEight)b);
  const Eight left = ((a ^ sum) & (b ^ sum)) >> 31;  // -1 where it left them
  return (left & ((a >> 31) ^ INT32_MAX)) | (~left & sum);
}

/// Each lane to the right by a shift of its own, rounded.
[[gnu::always_inline]] inline UnsignedEight shift_rounded8(UnsignedEight n, UnsignedEight shift) {
  const UnsignedEight one = UnsignedEight{} + 1;
  return (n + ((one << shift) >> 1)) >> shift;
}

/// Lanes 4 to 7, then 0 to 3.
[[gnu::always_inline]] inline Eight swap_halves(Eight x) {
  return __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3);
}
/// Lanes 0 to 3 of a, then those of b.
[[gnu::always_inline]] inline Eight lower_halves(Eight a, Eight b) {
  return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11);
}
/// Lanes 4 to 7 of a, then those of b.
[[gnu::always_inline]] inline Eight upper_halves(Eight a, Eight b) {
  return __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
}
/// Lanes 0 to 3 of x, twice.
[[gnu::always_inline]] inline Eight repeat_lower_half(Eight x) {
  return __builtin_shufflevector(x, x, 0, 1, 2, 3, 0, 1, 2, 3);
}
/// Lanes 0 to 3 of x, and n in the others.
[[gnu::always_inline]] inline Eight lower_half_or(Eight x, std::int32_t n) {
  return lower_halves(x, splat8(n));
}

/// Σ of all lanes.
[[gnu::always_inline]] inline std::uint32_t sum_of(UnsignedEight x) {
  x += __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3);
  x += __builtin_shufflevector(x, x, 2, 3, 0, 1, 6, 7, 4, 5);
  x += __builtin_shufflevector(x, x, 1, 0, 3, 2, 5, 4, 7, 6);
  return x[0];
}

/// The largest lane, in every lane.
[[gnu::always_inline]] inline Eight largest_everywhere(Eight x) {
  x = max8(x, swap_halves(x));
  x = max8(x, __builtin_shufflevector(x, x, 2, 3, 0, 1, 6, 7, 4, 5));
  return max8(x, __builtin_shufflevector(x, x, 1, 0, 3, 2, 5, 4, 7, 6));
}

/// Lane i becomes the sum of lanes 0 to i.
[[gnu::always_inline]] inline Eight running_sums(Eight x) {
  const Eight zero = {};
  x += __builtin_shufflevector(zero, x, 0, 8, 9, 10, 11, 12, 13, 14);
  x += __builtin_shufflevector(zero, x, 0, 1, 8, 9, 10, 11, 12, 13);
  return x + __builtin_shufflevector(zero, x, 0, 1, 2, 3, 8, 9, 10, 11);
}

/// Of each lane an entry of a table.
[[gnu::always_inline]] inline Eight look_up8(const std::int32_t* table, Eight index) {
#if defined(__AVX2__)
  return (Eight)_mm256_i32gather_epi32(table, (__m256i)index, 4);
#else
  Eight result;
  for (int i = 0; i < 8; ++i) result[i] = table[index[i]];
  return result;
#endif
}

/// What exp_negative() looks up: an entry, and in the upper half how far it is to the next.
inline constexpr std::array<std::int32_t, 64> exp_steps = [] {
  std::array<std::int32_t, 64> steps{};
  for (std::size_t i = 0; i < 64; ++i) {
    steps[i] = pair_of(exp_table[i], exp_table[i] - exp_table[i + 1]);
  }
  return steps;
}();

/// exp_negative() of each lane.
[[gnu::always_inline]] inline Eight exp_negative8(UnsignedEight z) {
  const UnsignedEight t = z * fixed_log2_e;
  const Eight step = look_up8(exp_steps.data(), (Eight)(t >> 21 & 63));
  const UnsignedEight f = t >> 6 & 32767, start = (UnsignedEight)step & 0xFFFF;
  // The way to the next entry times f: a pair whose other half is 0.
  const Eight way = add_pair_products8(Eight{}, step >> 16, (Eight)f);
  return (Eight)shift_rounded8(start - ((UnsignedEight)way >> 15), t >> 27);
}

}  // namespace ladder
