#include "07_fast_inference/fixed_point/fixed_point.hpp"

#include <algorithm>
#include <array>
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

}  // namespace

const std::array<std::uint16_t, 128> reciprocal_table =
    make_table<128>([](double i) { return 65536 / (1 + (i + 0.5) / 128); });
const std::array<std::uint16_t, 384> reciprocal_sqrt_table =
    make_table<384>([](double i) { return 65536 / std::sqrt((i + 128.5) / 128); });

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

}  // namespace ladder
