#pragma once
/// \file
/// The steps of 07's fixed-point definition (fixed_point.hpp) in NEON's instructions. NEON was made
/// for such numbers: it has instructions that round as they shift and saturate as they narrow.

#include <array>

#include "07_fast_inference/fixed_point/fixed_point.hpp"
#include "08_hardware/neon/q4_12_products.hpp"

namespace ladder::neon {

/// narrow(): sums / 2^shift, rounded, saturated to 16 bits. vrshlq (`srshl`) shifts left, by a
/// negative number right, and then rounds to the nearest, a tie upwards, as if no bit were lost on
/// the way: the definition's shift_rounded(). vqmovn (`sqxtn`) saturates to half the bits; with
/// _high (`sqxtn2`) into the upper half of a register.
[[gnu::always_inline]] inline int16x8_t narrow(int32x4_t a, int32x4_t b, int shift) {
  const int32x4_t right = vdupq_n_s32(-shift);
  return vqmovn_high_s32(vqmovn_s32(vrshlq_s32(a, right)), vrshlq_s32(b, right));
}
/// narrow() of x · 1.
[[gnu::always_inline]] inline Words narrow(const Words& x, int shift) {
  const int16x8_t right = vdupq_n_s16(static_cast<std::int16_t>(-shift));
  return {vrshlq_s16(x.part[0], right), vrshlq_s16(x.part[1], right)};
}
/// narrow() of sixteen sums.
[[gnu::always_inline]] inline Words narrow(const int32x4_t* sum, int shift) {
  return {narrow(sum[0], sum[1], shift), narrow(sum[2], sum[3], shift)};
}
/// narrow_unsigned() of eight differences.
[[gnu::always_inline]] inline uint16x8_t narrow_unsigned(uint32x4_t a, uint32x4_t b, int shift) {
  const int32x4_t right = vdupq_n_s32(-shift);
  return vqmovn_high_u32(vqmovn_u32(vrshlq_u32(a, right)), vrshlq_u32(b, right));
}

/// a + b, saturated (`sqadd`).
[[gnu::always_inline]] inline Words add_saturated(const Words& a, const Words& b) {
  return {vqaddq_s16(a.part[0], b.part[0]), vqaddq_s16(a.part[1], b.part[1])};
}

/// Step 2: x · reciprocal_sqrt(Σ x² / 16 + ε).
[[gnu::always_inline]] inline Words norm(const Words& x, std::uint32_t epsilon, int fraction,
                                         int to_exponent) {
  // Two squares are at most 2^31, as an unsigned number; vaddlvq (`uaddlv`) adds four up in 64
  // bits.
  const auto squares = [](int16x8_t v) __attribute__((always_inline)) {
    const int32x4_t low = vmull_s16(vget_low_s16(v), vget_low_s16(v));
    return vaddlvq_u32(vreinterpretq_u32_s32(vmlal_high_s16(low, v, v)));
  };
  const auto mean =
      static_cast<std::uint32_t>((squares(x.part[0]) + squares(x.part[1]) + n_embd / 2) / n_embd);
  const Scale scale = reciprocal_sqrt(mean + epsilon, fraction);
  // The mantissa's highest bit is set: as a 16-bit number with a sign it is 2^16 less than it is,
  // and x · 2^16 is where the sum begins (vmovl, `sxtl`: widened).
  const int16x8_t mantissa = vdupq_n_s16(static_cast<std::int16_t>(scale.mantissa));
  const auto times = [&](int16x8_t v) __attribute__((always_inline)) {
    const int32x4_t low = vmlal_s16(vshlq_n_s32(vmovl_s16(vget_low_s16(v)), 16), vget_low_s16(v),
                                    vget_low_s16(mantissa));
    const int32x4_t high = vmlal_high_s16(vshlq_n_s32(vmovl_high_s16(v), 16), v, mantissa);
    return narrow(low, high, scale.shift + to_exponent);
  };
  return {times(x.part[0]), times(x.part[1])};
}

/// exp_table in bytes, as `tbl` reads tables: the lower and the upper ones, and how far it is to
/// the next entry, less 171 so that it fits.
struct ExpTable {
  static constexpr int least_step = 171;  ///< no step is smaller
  std::array<std::uint8_t, 64> low{};     ///< lower bytes
  std::array<std::uint8_t, 64> high{};    ///< upper bytes
  std::array<std::uint8_t, 64> step{};    ///< to the next entry, less least_step

  constexpr ExpTable() {
    for (std::size_t i = 0; i < 64; ++i) {
      low[i] = static_cast<std::uint8_t>(exp_table[i] & 255);
      high[i] = static_cast<std::uint8_t>(exp_table[i] >> 8);
      step[i] = static_cast<std::uint8_t>(exp_table[i] - exp_table[i + 1] - least_step);
    }
  }
};
/// Built by the compiler.
inline constexpr ExpTable exp_bytes;
static_assert([] {
  for (std::size_t i = 0; i < 64; ++i) {
    if (exp_bytes.step[i] + ExpTable::least_step != exp_table[i] - exp_table[i + 1]) return false;
  }
  return true;
}());

/// exp_negative() of eight numbers. vqtbl4 (`tbl`) looks bytes up in a table of 64 that lies in
/// four registers: eight look-ups in one instruction, and no memory is touched.
[[gnu::always_inline]] inline uint16x8_t exp_negative(uint16x8_t z) {
  const uint32x4_t log2 = vdupq_n_u32(fixed_log2_e);
  const uint32x4_t a = vmulq_u32(vmovl_u16(vget_low_u16(z)), log2);
  const uint32x4_t b = vmulq_u32(vmovl_high_u16(z), log2);
  // vshrn (`shrn`): shifted right, the lower half kept.
  const auto bits_from = [&](auto n) __attribute__((always_inline)) {
    return vshrn_high_n_u32(vshrn_n_u32(a, n), b, n);
  };
  const uint16x8_t upper = bits_from(std::integral_constant<int, 16>());  // whole part, index, …
  const uint16x8_t fraction =
      vandq_u16(bits_from(std::integral_constant<int, 6>()), vdupq_n_u16(32767));
  const uint8x8_t index = vand_u8(vshrn_n_u16(upper, 5), vdup_n_u8(63));
  const auto look_up = [&](const std::array<std::uint8_t, 64>& table)
      __attribute__((always_inline)) {
    return vqtbl4_u8(vld1q_u8_x4(table.data()), index);
  };
  const uint8x8_t low = look_up(exp_bytes.low), high = look_up(exp_bytes.high);
  const uint16x8_t start = vaddq_u16(vshll_n_u8(high, 8), vmovl_u8(low));
  const uint16x8_t step = vaddw_u8(vdupq_n_u16(ExpTable::least_step), look_up(exp_bytes.step));
  const uint16x8_t way =
      vshrn_high_n_u32(vshrn_n_u32(vmull_u16(vget_low_u16(step), vget_low_u16(fraction)), 15),
                       vmull_high_u16(step, fraction), 15);
  const int16x8_t whole = vreinterpretq_s16_u16(vshrq_n_u16(upper, 11));
  return vrshlq_u16(vsubq_u16(start, way), vnegq_s16(whole));
}

}  // namespace ladder::neon
