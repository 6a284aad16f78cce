#include "common/python_random.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include "common/error.hpp"

namespace ladder {

// init_by_array of the reference implementation, with the seed's 32-bit words as the key.
PythonRandom::PythonRandom(std::uint64_t seed) {
  const std::array<std::uint32_t, 2> key = {static_cast<std::uint32_t>(seed),
                                            static_cast<std::uint32_t>(seed >> 32)};
  const std::size_t length = key[1] == 0 ? 1 : 2;

  state_[0] = 19650218;
  for (std::uint32_t i = 1; i < size; ++i) {
    state_[i] = 1812433253u * (state_[i - 1] ^ state_[i - 1] >> 30) + i;
  }
  std::size_t i = 1, j = 0;
  const auto stirred = [&](std::uint32_t factor) {
    return state_[i] ^ (state_[i - 1] ^ state_[i - 1] >> 30) * factor;
  };
  const auto advance = [&] {
    if (++i == size) state_[0] = state_[size - 1], i = 1;
  };
  for (std::size_t k = 0; k < size; ++k) {
    state_[i] = stirred(1664525u) + key[j] + static_cast<std::uint32_t>(j);
    advance();
    if (++j == length) j = 0;
  }
  for (std::size_t k = 0; k < size - 1; ++k) {
    state_[i] = stirred(1566083941u) - static_cast<std::uint32_t>(i);
    advance();
  }
  state_[0] = 0x80000000u;
}

std::uint32_t PythonRandom::next_word() {
  if (index_ == size) {
    for (std::size_t k = 0; k < size; ++k) {
      const std::uint32_t y = (state_[k] & 0x80000000u) | (state_[(k + 1) % size] & 0x7FFFFFFFu);
      state_[k] = state_[(k + 397) % size] ^ y >> 1 ^ (y % 2 == 1 ? 0x9908B0DFu : 0u);
    }
    index_ = 0;
  }
  std::uint32_t y = state_[index_++];
  y ^= y >> 11;
  y ^= y << 7 & 0x9D2C5680u;
  y ^= y << 15 & 0xEFC60000u;
  return y ^ y >> 18;
}

double PythonRandom::random() {
  const std::uint32_t high = next_word() >> 5;  // 27 bits
  const std::uint32_t low = next_word() >> 6;   // 26 bits
  return (high * 67108864.0 + low) * (1.0 / 9007199254740992.0);
}

std::uint32_t PythonRandom::getrandbits(int bits) { return next_word() >> (32 - bits); }

// Python draws as many bits as n has, again and again until the number is below n.
std::uint32_t PythonRandom::below(std::uint32_t n) {
  const int bits = std::bit_width(n);
  std::uint32_t draw = getrandbits(bits);
  while (draw >= n) draw = getrandbits(bits);
  return draw;
}

double PythonRandom::gauss(double mu, double sigma) {
  if (has_kept_) {
    has_kept_ = false;
    return mu + kept_ * sigma;
  }
  const double angle = random() * 2 * std::numbers::pi;
  const double radius = std::sqrt(-2.0 * std::log(1.0 - random()));
  kept_ = std::sin(angle) * radius;
  has_kept_ = true;
  return mu + std::cos(angle) * radius * sigma;
}

std::size_t PythonRandom::choice(std::span<const double> weights) {
  std::vector<double> cumulative;
  double total = 0;
  for (const double weight : weights) cumulative.push_back(total += weight);
  if (!(total > 0) || !std::isfinite(total)) {
    throw Error("the weights to choose by must add up to a finite number above zero");
  }
  // bisect.bisect_right over all but the last entry
  return static_cast<std::size_t>(
      std::upper_bound(cumulative.begin(), cumulative.end() - 1, random() * total) -
      cumulative.begin());
}

}  // namespace ladder
