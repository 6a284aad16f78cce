#include <array>
#include <cstdint>

#include <catch2/catch_test_macros.hpp>

#include "Vpair.h"
#include "common/random.hpp"

using namespace ladder;

namespace {

constexpr std::int64_t width18 = 1 << 18;

/// 18 bits as a number with a sign, or 36.
std::int64_t with_sign(std::uint64_t bits, int width) {
  const std::int64_t n = static_cast<std::int64_t>(bits);
  return n >> (width - 1) & 1 ? n - (std::int64_t{1} << width) : n;
}

}  // namespace

TEST_CASE(
    "the ECP5's multiplier, by its model, and the plain one give the product two cycles later",
    "[hardware]") {
  Vpair pair;
  Random random(42);
  // Numbers at the edges, all with all, then random ones; a new pair in every cycle.
  const std::array<std::int64_t, 9> edges{0, 1, -1, 32767, -32768, 131071, -131072, 65535, -65536};
  std::int64_t last = 0;  // the pair before: its product is there after this cycle
  const auto cycle = [&](std::int64_t a, std::int64_t b, long i) {
    pair.a = static_cast<std::uint32_t>(a & (width18 - 1));
    pair.b = static_cast<std::uint32_t>(b & (width18 - 1));
    pair.clk = 0;
    pair.eval();
    pair.clk = 1;
    pair.eval();
    if (i >= 1) {
      REQUIRE(with_sign(pair.plain, 36) == last);
      REQUIRE(with_sign(pair.ecp5, 36) == last);
    }
    last = a * b;
  };
  long i = 0;
  for (const auto a : edges)
    for (const auto b : edges) cycle(a, b, i++);
  for (; i < 200000; ++i) {
    const auto number = [&] {
      return static_cast<std::int64_t>(random.below(width18)) - width18 / 2;
    };
    const auto a = number();
    cycle(a, number(), i);
  }
  pair.final();
}
