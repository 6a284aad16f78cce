#pragma once
/// \file
/// bfloat16: the upper half of a float, so 8 bits of precision with all of its range.

#include <bit>
#include <cstdint>

namespace ladder {

/// A bfloat16, as its bits.
using Bfloat = std::uint16_t;

/// The nearest one; of two equally near, the even one. (No NaN is expected.)
constexpr Bfloat to_bfloat(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  return static_cast<Bfloat>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

/// The same number as a float.
constexpr float from_bfloat(Bfloat x) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(x) << 16);
}

}  // namespace ladder
