#pragma once
/// \file
/// Arithmetic for a chip: 16-bit numbers, 32-bit sums, shifts, two small tables, no floating point.
///
/// Every function here is defined to the last bit, for any input, so that hardware can be held to
/// it. The conventions, once for all:
///
/// - **Numbers.** A 16-bit integer n in a format of F fraction bits means n / 2^F. Q4.12 (F = 12)
///   reaches from -8 to 8 - 2^-12; an unsigned number says so ("unsigned Q1.15").
/// - **Rounding** is to the nearest; a tie goes up, towards +infinity: add half, shift right. That
///   is one adder, and 0.5 becomes 1, -0.5 becomes 0.
/// - **Sums** of products are exact: added up in any order, by any tree of adders, in vectors of
/// any
///   width, they are the same. (Here in 64 bits; the weights see to it that 32 are enough.)
/// - **Saturation.** What does not fit stays at the end of the range; nothing ever wraps round.
/// That
///   happens once, when a sum is narrowed to fewer bits.
/// - **Shifts** of negative numbers are arithmetic (as C++20 defines them): the sign bit moves in.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace ladder {

/// The nearest number of 16 bits that there is.
constexpr std::int16_t saturate16(std::int64_t n) {
  return static_cast<std::int16_t>(n > INT16_MAX ? INT16_MAX : n < INT16_MIN ? INT16_MIN : n);
}

/// The same for 32 bits.
constexpr std::int32_t saturate32(std::int64_t n) {
  return static_cast<std::int32_t>(n > INT32_MAX ? INT32_MAX : n < INT32_MIN ? INT32_MIN : n);
}

/// n / 2^shift, rounded; 0 <= shift <= 62. The half that is added must not overflow: on a chip this
/// is a 33-bit adder, here one of 64 bits.
constexpr std::int64_t shift_rounded(std::int64_t n, int shift) {
  return shift == 0 ? n : (n + (std::int64_t{1} << (shift - 1))) >> shift;
}

/// a + b, saturated: for the residual connections.
constexpr std::int16_t add_saturated(std::int16_t a, std::int16_t b) {
  return saturate16(std::int64_t{a} + b);
}

/// A sum becomes a number again: sum / 2^shift, rounded, saturated. A shift below 0 goes left.
/// \param sum  below 2^40 in size, which a sum of 64 products always is
constexpr std::int16_t narrow(std::int64_t sum, int shift) {
  if (shift < -20) shift = -20;  // saturates in any case
  return saturate16(shift >= 0 ? shift_rounded(sum, shift) : sum * (std::int64_t{1} << -shift));
}

/// The same for a difference of two sums, which is never negative: to unsigned 16 bits.
constexpr std::uint16_t narrow_unsigned(std::uint32_t n, int shift) {
  if (shift < -30) shift = -30;
  const std::int64_t result = shift >= 0 ? shift_rounded(n, shift) : std::int64_t{n} << -shift;
  return static_cast<std::uint16_t>(result > UINT16_MAX ? UINT16_MAX : result);
}

/// A real number in a format: value · 2^fraction, rounded and saturated as above. Done once, when
/// weights are converted, and not on the chip. NaN becomes 0.
std::int16_t to_fixed(double value, int fraction);

/// 2^(-i/64) in unsigned Q1.15. (Written out: exp2 differs between C libraries in the last bit.)
inline constexpr std::array<std::uint16_t, 65> exp_table = {
    32768, 32415, 32066, 31720, 31379, 31041, 30706, 30376, 30048, 29725, 29405, 29088, 28774,
    28464, 28158, 27855, 27554, 27258, 26964, 26674, 26386, 26102, 25821, 25543, 25268, 24995,
    24726, 24460, 24196, 23936, 23678, 23423, 23170, 22921, 22674, 22430, 22188, 21949, 21713,
    21479, 21247, 21019, 20792, 20568, 20347, 20127, 19911, 19696, 19484, 19274, 19066, 18861,
    18658, 18457, 18258, 18061, 17867, 17674, 17484, 17296, 17109, 16925, 16743, 16562, 16384};

/// log2(e) in unsigned Q1.15.
inline constexpr std::uint32_t fixed_log2_e = 47274;

/// e^-z, for softmax.
/// \param z  unsigned Q4.12, so from 0 to just below 16
/// \returns unsigned Q1.15: exp(0) = 32768 exactly; the smallest is 0
///
/// 1. t = z · fixed_log2_e: t is unsigned Q5.27, and e^-z = 2^-t.
/// 2. n = whole part of t; i = the 6 highest bits of its fraction; f = the next 15 bits.
/// 3. a = exp_table[i], b = exp_table[i + 1].
/// 4. 2^-fraction = a - ((a - b) · f >> 15), a straight line between two entries.
/// 5. The result is that, shifted right by n, rounded.
///
/// Off from e^-z by less than two of its last bits, 2^-14.
std::uint16_t exp_negative(std::uint16_t z);

/// What reciprocal() looks up.
extern const std::array<std::uint16_t, 128> reciprocal_table;
/// What reciprocal_sqrt() looks up, from i = 128 on.
extern const std::array<std::uint16_t, 384> reciprocal_sqrt_table;

/// The nearest number of 16 bits without a sign.
constexpr std::uint16_t at_most_65535(std::uint32_t n) {
  return static_cast<std::uint16_t>(n > 65535 ? 65535 : n);
}

/// A positive number as a chip scales by it: mantissa / 2^shift, the mantissa using all its bits
/// (32768 <= mantissa <= 65535).
struct Scale {
  std::uint16_t mantissa;                         ///< its highest bit is set
  int shift;                                      ///< to the right, after multiplying
  bool operator==(const Scale&) const = default;  ///< the same bits
};

/// 1 / d, for the softmax's total.
/// \param d  an integer; 0 counts as 1
/// \returns 1 / d as a Scale; 1/1 is 65534 / 2^16, one less than the nearest there is
///
/// 1. Shift d left until bit 31 is set: a = d · 2^s is unsigned Q1.31, from 1 to just below 2.
/// 2. y = table[the 7 bits after the highest], where table[i] = 2^16 / (1 + (i + 1/2) / 128),
///    rounded: 128 entries, off by at most 2^-8.
/// 3. One step of Newton's method, y (2 - a y), doubles the correct bits: with a' = a >> 16,
///    r = 2^32 - a' y;  y = (y · (r >> 16) + 2^14) >> 15, at most 65535.
/// 4. The shift is 47 - s.
///
/// Relative error below 2^-14.
inline Scale reciprocal(std::uint32_t d) {
  d = std::max<std::uint32_t>(d, 1);
  const int s = std::countl_zero(d);
  const std::uint32_t a = d << s;
  const std::uint32_t y = reciprocal_table[a >> 24 & 127];
  const std::uint32_t r = 0 - (a >> 16) * y;  // 2^32 - a' y, in 32 bits
  return {at_most_65535((y * (r >> 16) + (1 << 14)) >> 15), 47 - s};
}

/// 1 / √(m / 2^(2F)), for RMSNorm: m is a mean of squares of numbers with F fraction bits.
/// \param m         0 counts as 1
/// \param fraction  F, at most 15
///
/// 1. Shift m left by an even number s until bit 31 or 30 is set: a = m · 2^s is unsigned Q2.30,
///    from 1 to just below 4.
/// 2. y = table[a >> 23], where table[i] = 2^16 / √((i + 1/2) / 128), rounded, for i from 128 to
///    511: 384 entries.
/// 3. One step of Newton's method, y (3 - a y²) / 2: with a' = a >> 16, q = y² >> 16 (both rounded
///    down), r = 3 · 2^30 - a' q;  y = (y · ((r + 2^15) >> 16) + 2^14) >> 15, at most 65535.
/// 4. The shift is 31 - s/2 - F.
///
/// Relative error below 2^-13.
inline Scale reciprocal_sqrt(std::uint32_t m, int fraction) {
  m = std::max<std::uint32_t>(m, 1);
  const int s = std::countl_zero(m) & ~1;
  const std::uint32_t a = m << s;
  const std::uint32_t y = reciprocal_sqrt_table[(a >> 23) - 128];
  const std::uint32_t r = (3u << 30) - (a >> 16) * (y * y >> 16);
  return {at_most_65535((y * ((r + (1 << 15)) >> 16) + (1 << 14)) >> 15), 31 - s / 2 - fraction};
}

/// x · scale, rounded and saturated, x · 2^-extra if something is to be shifted besides.
constexpr std::int16_t multiply(std::int16_t x, Scale scale, int extra = 0) {
  const std::int32_t product = x * std::int32_t{scale.mantissa};  // |product| < 2^31
  return narrow(product, scale.shift + extra);
}

}  // namespace ladder
