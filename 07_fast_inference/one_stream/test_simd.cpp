// The polynomial that stands for exp: its error as stated.
#include <algorithm>
#include <cmath>

#include <catch2/catch_test_macros.hpp>

#include "07_fast_inference/one_stream/simd.hpp"
#include "common/largest.hpp"

using namespace ladder;

namespace {

// Largest relative error of exp2 over from, from + step, … to; `step` a power of 2.
double largest_relative_error(float from, float to, float step) {
  double largest = 0;
  for (float y = from; y <= to; y += lanes * step) {
    Lanes in;
    for (int i = 0; i < lanes; ++i) in[i] = std::min(y + static_cast<float>(i) * step, to);
    const Lanes out = ladder::exp2(in);
    for (int i = 0; i < lanes; ++i) {
      const double exact = std::exp2(static_cast<double>(in[i]));
      largest = larger_or_nan(largest, std::abs(static_cast<double>(out[i]) / exact - 1));
    }
  }
  return largest;
}

}  // namespace

TEST_CASE("exp2 is within 3e-7 of 2^y, where it promises to be") {
  CHECK(largest_relative_error(-1, 1, 0x1p-21f) < 3e-7);
  CHECK(largest_relative_error(-126, 127, 0x1p-12f) < 3e-7);
  // At ±1/2 the number taken off changes, and the polynomial is at its ends.
  CHECK(largest_relative_error(0.4999f, 0.5001f, 0x1p-25f) < 3e-7);
  CHECK(ladder::exp2(splat(-126))[0] == 0x1p-126f * ladder::exp2(Lanes{})[0]);
}

TEST_CASE("exp2 never falls where y rises, by more than its error") {
  float before = 0;
  for (float y = -1; y <= 1; y += 0x1p-16f) {
    const float now = ladder::exp2(splat(y))[0];
    REQUIRE(now > before * (1 - 6e-7f));
    before = now;
  }
}

TEST_CASE("squares are transposed: a whole one, and squares of four side by side") {
  Lanes whole[lanes], fours[4];
  for (int i = 0; i < lanes; ++i) {
    for (int l = 0; l < lanes; ++l) whole[i][l] = static_cast<float>(100 * i + l);
  }
  std::copy(whole, whole + 4, fours);
  transpose(whole);
  transpose(fours);
  for (int i = 0; i < lanes; ++i) {
    for (int l = 0; l < lanes; ++l) {
      CHECK(whole[i][l] == static_cast<float>(100 * l + i));
      const int row = l % 4, column = l / 4 * 4 + i;
      if (i < 4) CHECK(fours[i][l] == static_cast<float>(100 * row + column));
    }
  }
}
