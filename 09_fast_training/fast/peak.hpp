#pragma once
/// \file
/// What the multipliers could do if nothing else were to be done. Unnamed namespace: see
/// kernels.hpp.

#include "09_fast_training/fast/products.hpp"

namespace ladder {
namespace {

/// `rounds` times, sums that do not wait for each other, as many as a tile has: multiply-adds on
/// registers alone. \returns floating-point operations made, two each
template <class Number>
[[gnu::always_inline]] inline double multiply_add_rounds(long rounds) {
  constexpr int sums = many_registers ? 24 : 12;
  Vector<Number> sum[sums];
  Vector<Number> factor = all(Number(0.999)), term = all(Number(0.001));
#pragma GCC unroll 32
  for (int i = 0; i < sums; ++i) {
    sum[i] = all(Number(1));
    asm volatile("" : "+m"(sum[i]));  // nor that they are all the same
  }
  for (long round = 0; round < rounds; ++round) {
    asm volatile("" : "+m"(factor), "+m"(term));  // nothing is known about them
    const Vector<Number> f = factor, t = term;
    for (int again = 0; again < 16; ++again) {
#pragma GCC unroll 32
      for (int i = 0; i < sums; ++i) {
        sum[i] = sum[i] * f + t;
      }
    }
  }
#pragma GCC unroll 32
  for (int i = 0; i < sums; ++i) {
    Vector<Number> kept = sum[i];
    asm volatile("" : : "m"(kept));
  }
  return 2.0 * 16 * sums * lanes_of<Number> * static_cast<double>(rounds);
}

}  // namespace
}  // namespace ladder
