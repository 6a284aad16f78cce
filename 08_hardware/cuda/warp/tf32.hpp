#pragma once
/// \file
/// The numbers that matrix units read: a float's 8 bits of exponent, and 10 bits after the point.

#include <bit>
#include <cstdint>

namespace ladder::gpu {

/// A tf32 is off from the float by this share at most: half of its last bit.
inline constexpr double tf32_unit = 0x1p-11;

/// Rounds to the nearest tf32, a tie away from zero, as `cvt.rna.tf32.f32` does (PTX ISA).
/// \param x  finite
inline float to_tf32(float x) {
  constexpr std::uint32_t dropped = 0x1fff, half = 0x1000;
  return std::bit_cast<float>((std::bit_cast<std::uint32_t>(x) + half) & ~dropped);
}

}  // namespace ladder::gpu
