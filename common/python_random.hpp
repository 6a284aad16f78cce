#pragma once
/// \file
/// Python's `random` module, bit for bit, so that a published Python run can be followed in C++.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace ladder {

/// The Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998) as CPython 3.11 seeds and uses it
/// (Modules/_randommodule.c, Lib/random.py).
class PythonRandom {
 public:
  /// random.seed(seed), for 0 ≤ seed < 2^64.
  explicit PythonRandom(std::uint64_t seed);

  /// random.random(): uniform in [0, 1), 53 bits.
  double random();

  /// random.getrandbits(bits), 1 ≤ bits ≤ 32.
  std::uint32_t getrandbits(int bits);

  /// random.gauss(mu, sigma): Box and Muller, whose second number is kept for the next call.
  double gauss(double mu, double sigma);

  /// random.shuffle(items).
  template <class T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i-- > 1;) {
      std::swap(items[i], items[below(static_cast<std::uint32_t>(i + 1))]);
    }
  }

  /// random.choices(range(n), weights)[0]: an index, as likely as its weight.
  /// \throws Error if the weights do not add up to more than zero, as Python does.
  std::size_t choice(std::span<const double> weights);

 private:
  std::uint32_t next_word();
  std::uint32_t below(std::uint32_t n);

  static constexpr std::size_t size = 624;
  std::array<std::uint32_t, size> state_;
  std::size_t index_ = size;
  double kept_ = 0;
  bool has_kept_ = false;
};

}  // namespace ladder
