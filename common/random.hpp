#pragma once
/// \file
/// Random numbers that are the same on every machine, compiler and library: only integer arithmetic
/// and exact floating-point operations.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace ladder {

/// SplitMix64 (Steele, Lea and Flood, 2014): a counter whose value is stirred until no pattern is
/// left.
class Random {
 public:
  /// Any seed will do, 0 too; equal seeds give equal numbers.
  explicit Random(std::uint64_t seed) : state_(seed) {}

  /// 64 random bits.
  std::uint64_t bits() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
  }

  /// Uniform in [0, 1), a multiple of 2^-53.
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }

  /// Uniform in 0 … n-1, n ≥ 1, without bias: draws that would favour the small numbers are thrown
  /// away.
  std::uint64_t below(std::uint64_t n) {
    const std::uint64_t unfair = (0 - n) % n;  // 2^64 mod n
    std::uint64_t draw = bits();
    while (draw < unfair) draw = bits();
    return draw % n;
  }

  /// Mean 0, variance 1: twelve uniform numbers added up. By the central limit theorem that is
  /// close to a normal distribution (nothing beyond 6), and unlike log or cos it is the same
  /// everywhere.
  double normal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += uniform();
    return sum;
  }

  /// Puts items into random order, every order equally likely (Fisher and Yates).
  template <class T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  std::uint64_t state_;
};

}  // namespace ladder
