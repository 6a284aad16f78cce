#pragma once
/// \file
/// The few instructions of NEON that this room is made of, each explained where it first stands.
///
/// A NEON register (there are 32) has 128 bits: four floats (float32x4_t), four integers of 32 bits
/// (int32x4_t), eight of 16 (int16x8_t). An intrinsic is a function that the compiler turns into
/// one instruction; `q` in its name says "all 128 bits", the end says of what: vaddq_f32 adds four
/// floats. Everything here is in Armv8.0, so in every AArch64 there is.

#include <arm_neon.h>
#include <cmath>
#include <type_traits>
#include <utility>

#include "07_fast_inference/model/model.hpp"

namespace ladder::neon {

/// f(0), f(1) … f(n - 1), written out, with numbers that the compiler knows: registers cannot be
/// counted through by a loop, and an instruction holds the number of the lane that it reads.
template <int n, class F>
[[gnu::always_inline]] inline void unroll(F&& f) {
  [&]<int... i>(std::integer_sequence<int, i...>) __attribute__((always_inline)) {
    (f(std::integral_constant<int, i>()), ...);
  }
  (std::make_integer_sequence<int, n>());
}

/// Sixteen floats: x of one position.
struct Sixteen {
  float32x4_t part[4];  ///< x[4i] … x[4i + 3]

  /// From memory.
  [[gnu::always_inline]] static Sixteen load(const float* from) {
    // vld1q_f32 (`ldr q`): four floats from memory, at any address.
    return {vld1q_f32(from), vld1q_f32(from + 4), vld1q_f32(from + 8), vld1q_f32(from + 12)};
  }
  /// To memory.
  [[gnu::always_inline]] void store(float* to) const {
    for (int i = 0; i < 4; ++i) vst1q_f32(to + 4 * i, part[i]);
  }
};

/// a + b.
[[gnu::always_inline]] inline Sixteen operator+(const Sixteen& a, const Sixteen& b) {
  Sixteen sum;
  for (int i = 0; i < 4; ++i) sum.part[i] = vaddq_f32(a.part[i], b.part[i]);
  return sum;
}

/// x / √(mean(x²) + ε): RMSNorm.
[[gnu::always_inline]] inline Sixteen rmsnorm(const Sixteen& x) {
  float32x4_t squares = vmulq_f32(x.part[0], x.part[0]);
  // vfmaq_f32(c, a, b) (`fmla`): c + a · b, in one rounding.
  for (int i = 1; i < 4; ++i) squares = vfmaq_f32(squares, x.part[i], x.part[i]);
  // vaddvq_f32: the sum across a register (two `faddp`, each adding neighbours).
  const float scale = 1 / std::sqrt(vaddvq_f32(squares) / n_embd + norm_epsilon);
  Sixteen y;
  for (int i = 0; i < 4; ++i) y.part[i] = vmulq_n_f32(x.part[i], scale);
  return y;
}

/// 2^y by a polynomial of degree 5, off by at most 3 units of the last place; -126 <= y < 127.
[[gnu::always_inline]] inline float32x4_t exp2(float32x4_t y) {
  // vcvtnq (`fcvtns`): to the nearest integer. NEON rounds as it converts; nothing has to be added.
  const int32x4_t whole = vcvtnq_s32_f32(y);
  const float32x4_t f = vsubq_f32(y, vcvtq_f32_s32(whole)), f2 = vmulq_f32(f, f);
  const auto line = [&](float a, float b) __attribute__((always_inline)) {
    return vfmaq_n_f32(vdupq_n_f32(a), f, b);
  };
  // Three lines that do not wait for each other, then two steps (Estrin's way). The coefficients
  // are those of 07's exp2.
  const float32x4_t low = line(1.000000072f, 0.6931469671f);
  const float32x4_t middle = line(0.2402211972f, 0.05550713273f);
  const float32x4_t high = line(0.009675541331f, 0.001327647217f);
  const float32x4_t power = vfmaq_f32(low, f2, vfmaq_f32(middle, f2, high));
  // Adding n to the exponent's bits multiplies by 2^n. vreinterpretq: the same bits under another
  // type, no instruction. vshlq_n (`shl`) shifts left.
  return vreinterpretq_f32_s32(vaddq_s32(vreinterpretq_s32_f32(power), vshlq_n_s32(whole, 23)));
}

/// log2(e): e^x = 2^(x log2(e)).
inline constexpr float log2_e = 1.44269504f;

/// Lane i becomes the sum of lanes 0 to i.
[[gnu::always_inline]] inline float32x4_t running_sums(float32x4_t x) {
  // vextq(a, b, n) (`ext`): the last 4 - n lanes of a, then the first n of b. So zeros move in.
  const float32x4_t zero = vdupq_n_f32(0);
  x = vaddq_f32(x, vextq_f32(zero, x, 3));
  return vaddq_f32(x, vextq_f32(zero, x, 2));
}
/// Likewise.
[[gnu::always_inline]] inline uint32x4_t running_sums(uint32x4_t x) {
  const uint32x4_t zero = vdupq_n_u32(0);
  x = vaddq_u32(x, vextq_u32(zero, x, 3));
  return vaddq_u32(x, vextq_u32(zero, x, 2));
}

/// Head h, dimension i of queries, keys and values stands in lane h of vector i: the four heads lie
/// side by side. \returns the row of attn_wq that output 4i + h is
constexpr int head_row(int slot) { return slot % n_head * head_dim + slot / n_head; }

}  // namespace ladder::neon
