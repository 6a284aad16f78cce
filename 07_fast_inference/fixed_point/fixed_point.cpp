#include "07_fast_inference/fixed_point/fixed_point.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace ladder {
namespace {

// The tables are given by formulas. sqrt and a division are exact to the last bit on every machine
// (IEEE 754), so these are the same numbers everywhere; exp2 is not, so its table is written out.
constexpr std::array<std::uint16_t, 65> powers = {
    32768, 32415, 32066, 31720, 31379, 31041, 30706, 30376, 30048, 29725, 29405, 29088, 28774,
    28464, 28158, 27855, 27554, 27258, 26964, 26674, 26386, 26102, 25821, 25543, 25268, 24995,
    24726, 24460, 24196, 23936, 23678, 23423, 23170, 22921, 22674, 22430, 22188, 21949, 21713,
    21479, 21247, 21019, 20792, 20568, 20347, 20127, 19911, 19696, 19484, 19274, 19066, 18861,
    18658, 18457, 18258, 18061, 17867, 17674, 17484, 17296, 17109, 16925, 16743, 16562, 16384};

template <std::size_t size, class Value>
std::array<std::uint16_t, size> make_table(Value&& value) {
  std::array<std::uint16_t, size> table;
  for (std::size_t i = 0; i < size; ++i) {
    table[i] = static_cast<std::uint16_t>(
        std::min(std::floor(value(static_cast<double>(i)) + 0.5), 65535.0));
  }
  return table;
}

const auto reciprocals = make_table<128>([](double i) { return 65536 / (1 + (i + 0.5) / 128); });
const auto square_roots =
    make_table<384>([](double i) { return 65536 / std::sqrt((i + 128.5) / 128); });

std::uint16_t at_most_65535(std::uint32_t n) {
  return static_cast<std::uint16_t>(std::min<std::uint32_t>(n, 65535));
}

}  // namespace

std::int16_t to_fixed(double value, int fraction) {
  if (std::isnan(value)) return 0;
  const double n = std::floor(std::ldexp(value, fraction) + 0.5);
  return static_cast<std::int16_t>(std::clamp(n, -32768.0, 32767.0));
}

std::uint16_t exp_negative(std::uint16_t z) {
  constexpr std::uint32_t log2_e = 47274;  // unsigned Q1.15
  const std::uint32_t t = z * log2_e;      // unsigned Q5.27, at most 23.1
  const int n = static_cast<int>(t >> 27);
  const std::uint32_t i = t >> 21 & 63, f = t >> 6 & 32767;
  const std::uint32_t a = powers[i], b = powers[i + 1];
  const std::uint32_t power = a - ((a - b) * f >> 15);
  return static_cast<std::uint16_t>(shift_rounded(power, n));
}

Scale reciprocal(std::uint32_t d) {
  d = std::max<std::uint32_t>(d, 1);
  const int s = std::countl_zero(d);
  const std::uint32_t a = d << s;
  const std::uint32_t y = reciprocals[a >> 24 & 127];
  const std::uint32_t r = 0 - (a >> 16) * y;  // 2^32 - a' y, in 32 bits
  return {at_most_65535((y * (r >> 16) + (1 << 14)) >> 15), 47 - s};
}

Scale reciprocal_sqrt(std::uint32_t m, int fraction) {
  m = std::max<std::uint32_t>(m, 1);
  const int s = std::countl_zero(m) & ~1;
  const std::uint32_t a = m << s;
  const std::uint32_t y = square_roots[(a >> 23) - 128];
  const std::uint32_t r = (3u << 30) - (a >> 16) * (y * y >> 16);
  return {at_most_65535((y * ((r + (1 << 15)) >> 16) + (1 << 14)) >> 15), 31 - s / 2 - fraction};
}

}  // namespace ladder
