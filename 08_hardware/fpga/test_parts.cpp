// Each part of the circuit against its formula in C++, over its whole range or a dense one.
#include <algorithm>
#include <bit>
#include <cmath>
#include <deque>
#include <verilated.h>

#include <catch2/catch_test_macros.hpp>

#include "07_fast_inference/fixed_point/fixed_point.hpp"
#include "Vparts.h"
#include "common/random.hpp"

using namespace ladder;

namespace {

// The circuit with its clock.
struct Parts {
  VerilatedContext context;
  Vparts pins{&context};

  Parts() {
    pins.clk = 0;
    pins.eval();
  }

  // The clock's edge; then inputs may change, and settle() shows what follows from them at once.
  void edge() {
    pins.clk = 0;
    pins.eval();
    pins.clk = 1;
    pins.eval();
  }
  void settle() { pins.eval(); }
};

template <class Words>
void put16(Words& words, int i, int value) {
  const auto word = static_cast<std::size_t>(i / 2);
  const auto bits = static_cast<std::uint32_t>(value) & 0xFFFF;
  words[word] =
      i % 2 == 0 ? (words[word] & 0xFFFF0000) | bits : (words[word] & 0xFFFF) | bits << 16;
}

template <class Words>
int get16(const Words& words, int i) {
  return static_cast<int>(words[static_cast<std::size_t>(i / 2)] >> (i % 2 * 16) & 0xFFFF);
}

}  // namespace

TEST_CASE("the circuit's reciprocal square root is the model's") {
  Parts parts;
  Random random(1);
  std::vector<std::uint32_t> inputs;
  for (std::uint32_t m = 1; m < 70000; ++m) inputs.push_back(m);
  for (int bit = 1; bit < 31; ++bit) {  // around each power of two, and anywhere between
    for (int off = -40; off <= 40; ++off)
      inputs.push_back((1u << bit) + static_cast<std::uint32_t>(off));
    for (int i = 0; i < 1000; ++i) {
      inputs.push_back((1u << bit) + static_cast<std::uint32_t>(random.below(1u << bit)));
    }
  }
  inputs.push_back(UINT32_MAX);
  std::size_t wrong = 0;
  std::deque<std::uint32_t> under_way;
  for (std::size_t i = 0; i < inputs.size() + 6; ++i) {
    parts.pins.m = i < inputs.size() ? std::max(inputs[i], 1u) : 1;
    parts.settle();
    under_way.push_back(parts.pins.m);
    if (i >= 1) {  // the shift comes after one cycle
      const std::uint32_t before = under_way[under_way.size() - 2];
      wrong += 19 - parts.pins.half_shift != reciprocal_sqrt(before, 12).shift;
    }
    if (i >= 6) {
      const std::uint32_t m = under_way.front();
      under_way.pop_front();
      wrong += parts.pins.root != reciprocal_sqrt(m, 12).mantissa;
      const double exact = 4096 / std::sqrt(static_cast<double>(m));
      const Scale scale{parts.pins.root, reciprocal_sqrt(m, 12).shift};
      wrong += !(std::abs(std::ldexp(scale.mantissa, -scale.shift) / exact - 1) < 0x1p-13);
    }
    parts.edge();
  }
  CHECK(wrong == 0);
}

TEST_CASE("the circuit's reciprocal is the model's for every sum of powers there is") {
  Parts parts;
  std::size_t wrong = 0;
  constexpr std::uint32_t first = 1 << 15, last = 1 << 19;
  for (std::uint32_t i = first; i <= last + 5; ++i) {
    parts.pins.d = std::min(i, last);
    parts.settle();
    if (i >= first + 5) wrong += parts.pins.inverse != reciprocal(i - 5).mantissa;
    if (i >= first + 1 && i <= last + 1)
      wrong += 35 - parts.pins.extra_shift != reciprocal(i - 1).shift;
    parts.edge();
  }
  CHECK(wrong == 0);
}

TEST_CASE("the circuit's exponential is the model's for every number there is") {
  Parts parts;
  std::size_t wrong = 0;
  parts.pins.exp_start = 1;
  for (int first = 0; first < 65536 + 5 * 16; first += 16) {
    // Another lane begins each time, so that every lane sees all kinds.
    for (int i = 0; i < 16; ++i)
      put16(parts.pins.z, (i + first / 16) % 16, std::min(first + i, 65535));
    parts.settle();
    if (first >= 5 * 16) {
      for (int i = 0; i < 16; ++i) {
        const auto z = static_cast<std::uint16_t>(first - 5 * 16 + i);
        wrong += get16(parts.pins.powers, (i + first / 16 - 5) % 16) != exp_negative(z);
      }
    }
    parts.edge();
  }
  CHECK(wrong == 0);
}

TEST_CASE("the circuit's norm is the model's, from all zeros to all saturated") {
  Parts parts;
  Random random(3);
  std::size_t wrong = 0;
  for (int time = 0; time < 6000; ++time) {
    std::array<std::int16_t, 16> x;
    const int bits = time % 16;
    for (int i = 0; i < 16; ++i) {
      const int sign = random.below(2) == 0 ? 1 : -1;
      int value = sign * static_cast<int>(random.below((1u << bits) + 1));
      if (time % 7 == 0 && i != time % 16) value = 0;          // all in one place
      if (time % 11 == 0) value = value < 0 ? -32768 : 32767;  // all at the ends
      if (time % 22 == 0) value = -32768;
      x[static_cast<std::size_t>(i)] = saturate16(value);
    }
    std::int64_t squares = 0;
    for (const int value : x) squares += value * value;
    const Scale scale = reciprocal_sqrt(static_cast<std::uint32_t>((squares + 8) / 16) + 168, 12);

    for (int i = 0; i < 16; ++i) put16(parts.pins.x, i, x[static_cast<std::size_t>(i)]);
    parts.pins.norm_start = 1;
    for (int cycle = 0; cycle < 12; ++cycle) {
      parts.edge();
      parts.pins.norm_start = 0;
    }
    parts.settle();
    for (int i = 0; i < 16; ++i) {
      const auto is = static_cast<std::int16_t>(get16(parts.pins.normed, i));
      wrong += is != multiply(x[static_cast<std::size_t>(i)], scale);
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("the tree of adders is exact at the ends of the range too") {
  Parts parts;
  Random random(4);
  std::size_t wrong = 0;
  for (int time = 0; time < 3000; ++time) {
    std::int64_t quarters[4] = {}, sum = 0;
    for (int i = 0; i < 16; ++i) {
      const auto some = [&] {
        const int ends[] = {-32768, 32767, -1, 0};
        return random.below(2) == 0 || time < 100
                   ? ends[time < 2 ? time : static_cast<int>(random.below(4))]
                   : static_cast<int>(random.below(65536)) - 32768;
      };
      const int a = some(), b = some();
      put16(parts.pins.a, i, a);
      put16(parts.pins.b, i, b);
      quarters[i / 4] += std::int64_t{a} * b;
      sum += std::int64_t{a} * b;
    }
    parts.edge();
    parts.edge();
    for (int q = 0; q < 4; ++q) {
      std::uint64_t bits = 0;
      for (int bit = 0; bit < 34; ++bit) {
        const auto at = static_cast<std::size_t>(34 * q + bit);
        bits |= std::uint64_t{parts.pins.quarters[at / 32] >> (at % 32) & 1} << bit;
      }
      wrong += static_cast<std::int64_t>(bits << 30) >> 30 != quarters[q];
    }
    parts.edge();
    wrong += static_cast<std::int64_t>(std::uint64_t{parts.pins.sum} << 28) >> 28 != sum;
  }
  CHECK(wrong == 0);
}

TEST_CASE("numbers are narrowed as the model narrows them, at every edge") {
  Parts parts;
  Random random(5);
  std::size_t wrong = 0;
  for (int time = 0; time < 20000; ++time) {
    const int bit = time % 39;
    std::int64_t n = (std::int64_t{1} << bit) + static_cast<int>(random.below(7)) - 3;
    if (time % 3 == 0) n += static_cast<std::int64_t>(random.below(1u << 20)) << (bit / 3);
    if (time % 2 == 0) n = -n;
    n = std::clamp(n, -(std::int64_t{1} << 39), (std::int64_t{1} << 39) - 1);
    const auto positive = static_cast<std::uint32_t>(n);
    parts.pins.wide = static_cast<std::uint64_t>(n) & 0xFFFFFFFFFF;
    parts.pins.positive = positive;
    std::int32_t four[4];
    for (std::size_t i = 0; i < 4; ++i) {
      four[i] = static_cast<std::int32_t>(random.below(UINT32_MAX));
      if (random.below(4) == 0) four[i] = i == 0 ? INT32_MIN : four[i - 1];
      parts.pins.four[i] = static_cast<std::uint32_t>(four[i]);
    }
    parts.settle();
    wrong += static_cast<std::int16_t>(parts.pins.wide16) != saturate16(n);
    wrong += static_cast<std::int32_t>(parts.pins.wide32) != saturate32(n);
    wrong += parts.pins.narrowed9 != narrow_unsigned(positive, 9);
    wrong += parts.pins.narrowed12 != narrow_unsigned(positive, 12);
    wrong += static_cast<std::int32_t>(parts.pins.largest) != *std::max_element(four, four + 4);
  }
  CHECK(wrong == 0);
}
