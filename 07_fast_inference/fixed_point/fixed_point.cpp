#include "07_fast_inference/fixed_point/fixed_point.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace ladder {
namespace {

// These two tables are given by formulas: sqrt and a division are exact to the last bit on every
// machine (IEEE 754), so they are the same numbers everywhere.

template <std::size_t size, class Value>
std::array<std::uint16_t, size> make_table(Value&& value) {
  std::array<std::uint16_t, size> table;
  for (std::size_t i = 0; i < size; ++i) {
    table[i] = static_cast<std::uint16_t>(
        std::min(std::floor(value(static_cast<double>(i)) + 0.5), 65535.0));
  }
  return table;
}

const std::array<std::uint16_t, 128> reciprocals =
    make_table<128>([](double i) { return 65536 / (1 + (i + 0.5) / 128); });
const std::array<std::uint16_t, 384> square_roots =
    make_table<384>([](double i) { return 65536 / std::sqrt((i + 128.5) / 128); });

std::uint16_t at_most_65535(std::uint32_t n) {
  return static_cast<std::uint16_t>(std::min<std::uint32_t>(n, 65535));
}

}  // namespace

const std::array<std::uint16_t, 128>& reciprocal_table() { return reciprocals; }
const std::array<std::uint16_t, 384>& reciprocal_sqrt_table() { return square_roots; }

std::int16_t to_fixed(double value, int fraction) {
  if (std::isnan(value)) return 0;
  const double n = std::floor(std::ldexp(value, fraction) + 0.5);
  return static_cast<std::int16_t>(std::clamp(n, -32768.0, 32767.0));
}

std::uint16_t exp_negative(std::uint16_t z) {
  const std::uint32_t t = z * fixed_log2_e;  // unsigned Q5.27, at most 23.1
  const int n = static_cast<int>(t >> 27);
  const std::uint32_t i = t >> 21 & 63, f = t >> 6 & 32767;
  const std::uint32_t a = exp_table[i], b = exp_table[i + 1];
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
