#pragma once
/// \file
/// Vectors of float or double, as wide as the flags of the file that includes this allow; and the
/// few functions on them that training needs. Unnamed namespace: see kernels.hpp.

#include "07_fast_inference/one_stream/simd.hpp"

namespace ladder {
namespace {

/// \def LADDER_SHARED
/// How a function is compiled that a pass calls in several places: into each of them, with all that
/// is known there; or once, where a program is to be small.
#if defined(__wasm__)
#define LADDER_SHARED [[gnu::noinline]]
constexpr bool small_program = true;  // nor does a usual case get code of its own
#else
#define LADDER_SHARED [[gnu::always_inline]]
constexpr bool small_program = false;
#endif

/// Numbers in a vector: those of a register, but at least 4, the numbers of a head in a group.
template <class Number>
constexpr int lanes_of = lanes * 4 / static_cast<int>(sizeof(Number)) < 4
                             ? 4
                             : lanes * 4 / static_cast<int>(sizeof(Number));

template <class Number>
struct VectorOf {
  using Type [[gnu::vector_size(lanes_of<Number> * sizeof(Number))]] = Number;
};
template <>
struct VectorOf<float> {
  using Type = Lanes;
};

/// lanes_of<Number> numbers.
template <class Number>
using Vector = typename VectorOf<Number>::Type;

/// The same number in every lane.
template <class Number>
[[gnu::always_inline]] inline Vector<Number> all(Number x) {
  return x - Vector<Number>{};
}

template <class Number>
[[gnu::always_inline]] inline Vector<Number> load_vector(const Number* from) {
  Vector<Number> result;
  __builtin_memcpy(&result, from, sizeof result);
  return result;
}

template <class Number>
[[gnu::always_inline]] inline void store_vector(Number* to, Vector<Number> x) {
  __builtin_memcpy(to, &x, sizeof x);
}

/// Lane i takes what stood in lane i ^ d.
template <int d, class Number>
[[gnu::always_inline]] inline Vector<Number> swap_lanes(Vector<Number> x) {
  return [&]<int... i>(std::integer_sequence<int, i...>) __attribute__((always_inline)) {
    return __builtin_shufflevector(x, x, (i ^ d)...);
  }
  (std::make_integer_sequence<int, lanes_of<Number>>());
}

/// Four numbers in a row, of one head: their sum in all four lanes.
template <class Number>
[[gnu::always_inline]] inline Vector<Number> sum_of_fours(Vector<Number> x) {
  x += swap_lanes<1, Number>(x);
  x += swap_lanes<2, Number>(x);
  return x;
}

/// The sum of all lanes, in all of them.
template <class Number>
[[gnu::always_inline]] inline Vector<Number> sum_of_all(Vector<Number> x) {
  constexpr int n = lanes_of<Number>;
  x = sum_of_fours<Number>(x);
  if constexpr (n > 4) x += swap_lanes<4 % n, Number>(x);
  if constexpr (n > 8) x += swap_lanes<8 % n, Number>(x);
  return x;
}

/// The largest of all lanes, in all of them.
template <class Number>
[[gnu::always_inline]] inline Vector<Number> max_of_all(Vector<Number> x) {
  constexpr int n = lanes_of<Number>;
  const auto with = [&](Vector<Number> y) __attribute__((always_inline)) { x = x > y ? x : y; };
  with(swap_lanes<1, Number>(x));
  with(swap_lanes<2, Number>(x));
  if constexpr (n > 4) with(swap_lanes<4 % n, Number>(x));
  if constexpr (n > 8) with(swap_lanes<8 % n, Number>(x));
  return x;
}

/// 2^x for x <= 0. The fast one of floats has a relative error of at most 3e-7 (simd.hpp), and is 0
/// below -126, where the float would be a denormal one; a NaN stays one.
template <bool fast, class Number>
[[gnu::always_inline]] inline Vector<Number> power_of_2(Vector<Number> x) {
  if constexpr (fast && sizeof(Number) == sizeof(float)) {
    const auto tiny = x < -126;
    return tiny ? Vector<Number>{} : exp2(tiny ? Vector<Number>{} : x);
  } else {
    for (int i = 0; i < lanes_of<Number>; ++i) {
      if constexpr (sizeof(Number) == sizeof(float)) {
        x[i] = __builtin_exp2f(x[i]);
      } else {
        x[i] = __builtin_exp2(x[i]);
      }
    }
    return x;
  }
}

/// √x, correctly rounded.
template <class Number>
[[gnu::always_inline]] inline Vector<Number> square_root(Vector<Number> x) {
  for (int i = 0; i < lanes_of<Number>; ++i) {  // one instruction, once compiled
    if constexpr (sizeof(Number) == sizeof(float)) {
      x[i] = __builtin_sqrtf(x[i]);
    } else {
      x[i] = __builtin_sqrt(x[i]);
    }
  }
  return x;
}

#if defined(__x86_64__)
/// 1 / √x and 1 / x as the processor estimates them, to 12 bits or 14.
[[gnu::always_inline]] inline Lanes estimate_one_over_root(Lanes x) {
#if defined(__AVX512F__)
  return (Lanes)_mm512_rsqrt14_ps((__m512)x);
#elif defined(__AVX2__)
  return (Lanes)_mm256_rsqrt_ps((__m256)x);
#else
  return (Lanes)_mm_rsqrt_ps((__m128)x);
#endif
}
[[gnu::always_inline]] inline Lanes estimate_one_over(Lanes x) {
#if defined(__AVX512F__)
  return (Lanes)_mm512_rcp14_ps((__m512)x);
#elif defined(__AVX2__)
  return (Lanes)_mm256_rcp_ps((__m256)x);
#else
  return (Lanes)_mm_rcp_ps((__m128)x);
#endif
}
#endif

/// x / (√y + epsilon), y >= 0. The fast one of floats estimates the root and the quotient and makes
/// one Newton step from each: relative error at most 1e-6. Where there are no estimates, exact.
template <bool fast, class Number>
[[gnu::always_inline]] inline Vector<Number> over_root(Vector<Number> x, Vector<Number> y,
                                                       Number epsilon) {
#if defined(__x86_64__)
  if constexpr (fast && sizeof(Number) == sizeof(float)) {
    constexpr float least = 1e-36f;  // far below epsilon², and its reciprocal root is finite
    y = y < least ? all(least) : y;
    Lanes root = estimate_one_over_root(y);
    root = root * (1.5f - 0.5f * y * root * root);  // towards 1 / √y
    const Lanes divisor = y * root + epsilon;
    const Lanes quotient = estimate_one_over(divisor);
    return x * (quotient * (2.0f - divisor * quotient));
  }
#endif
  return x / (square_root<Number>(y) + epsilon);
}

/// Sixteen numbers in a row: four of each head (head_order.hpp), or any sixteen.
template <class Number>
struct Block {
  static constexpr int parts = 16 / lanes_of<Number>;  ///< vectors
  Vector<Number> part[parts];                          ///< in order

  [[gnu::always_inline]] static Block load(const Number* from) {
    Block result;
    unroll<parts>([&](auto i) __attribute__((always_inline)) {
      result.part[i] = load_vector(from + i * lanes_of<Number>);
    });
    return result;
  }
  [[gnu::always_inline]] static Block of(Number x) {
    Block result;
    unroll<parts>([&](auto i) __attribute__((always_inline)) { result.part[i] = all(x); });
    return result;
  }
  [[gnu::always_inline]] void store(Number* to) const {
    unroll<parts>([&](auto i) __attribute__((always_inline)) {
      store_vector<Number>(to + i * lanes_of<Number>, part[i]);
    });
  }
  /// f(part) of each part.
  template <class F>
  [[gnu::always_inline]] Block map(const F& f) const {
    Block result;
    unroll<parts>([&](auto i) __attribute__((always_inline)) { result.part[i] = f(part[i]); });
    return result;
  }
  /// f(part, other part) of each pair.
  template <class F>
  [[gnu::always_inline]] Block with(const Block& other, const F& f) const {
    Block result;
    unroll<parts>([&](auto i) __attribute__((always_inline)) {
      result.part[i] = f(part[i], other.part[i]);
    });
    return result;
  }

  [[gnu::always_inline]] friend Block operator+(const Block& a, const Block& b) {
    return a.with(
        b, [](auto x, auto y) __attribute__((always_inline)) { return x + y; });
  }
  [[gnu::always_inline]] friend Block operator-(const Block& a, const Block& b) {
    return a.with(
        b, [](auto x, auto y) __attribute__((always_inline)) { return x - y; });
  }
  [[gnu::always_inline]] friend Block operator*(const Block& a, const Block& b) {
    return a.with(
        b, [](auto x, auto y) __attribute__((always_inline)) { return x * y; });
  }
  /// a b + c
  [[gnu::always_inline]] static Block multiply_add(const Block& a, const Block& b, Block c) {
    unroll<parts>([&](auto i)
                      __attribute__((always_inline)) { c.part[i] += a.part[i] * b.part[i]; });
    return c;
  }
  /// The sum of all sixteen, in every lane of one vector.
  [[gnu::always_inline]] Vector<Number> sum() const {
    Vector<Number> result = part[0];
    for (int i = 1; i < parts; ++i) result += part[i];
    return sum_of_all<Number>(result);
  }
  /// For each head, the sum of its four, in all four lanes.
  [[gnu::always_inline]] Block head_sums() const {
    return map([](auto x) __attribute__((always_inline)) { return sum_of_fours<Number>(x); });
  }
};

}  // namespace
}  // namespace ladder
