#pragma once
/// \file
/// Vectors of float or double, as wide as the flags of the file that includes this allow; and the
/// few functions on them that training needs. Unnamed namespace: see kernels.hpp.

#include "07_fast_inference/one_stream/simd.hpp"

namespace ladder {
namespace {

/// Whether a program is to be small: a usual case gets no code of its own then.
#if defined(__wasm__)
constexpr bool small_program = true;
#else
constexpr bool small_program = false;
#endif

/// Whether a product and a sum in one instruction have to be named, as simd.hpp's multiply_add
/// does. Compilers find them by themselves, but clang 19 none of relaxed SIMD's.
#if defined(__wasm_relaxed_simd__)
constexpr bool name_multiply_add = true;
#else
constexpr bool name_multiply_add = false;
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
/// or a denormal number below -126; a NaN stays one.
template <bool fast, class Number>
[[gnu::always_inline]] inline Vector<Number> power_of_2(Vector<Number> x) {
  if constexpr (fast && sizeof(Number) == sizeof(float)) {
#if defined(__AVX512DQ__)
    // exp2()'s polynomial of what rounding leaves; a power of two is multiplied by in one
    // instruction, which knows what is too small.
    const Lanes f = (Lanes)_mm512_reduce_ps((__m512)x, 8);
    const Lanes low = 1.000000072f + 0.6931469671f * f;
    const Lanes middle = 0.2402211972f + 0.05550713273f * f;
    const Lanes high = 0.009675541331f + 0.001327647217f * f;
    const Lanes f2 = f * f;
    const Lanes power = low + f2 * (middle + f2 * high);
    return (Lanes)_mm512_scalef_ps((__m512)power, _mm512_roundscale_ps((__m512)x, 8));
#endif
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
/// 1 / x as the processor estimates it, to 12 bits or 14.
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

/// x / (scale √y + epsilon), y >= 0. The fast one of floats estimates the quotient and makes one
/// Newton step from there: relative error at most 1e-6. (The root comes from the unit that divides,
/// which has nothing else to do, while a second estimate would wait for the multipliers.) Where
/// there are no estimates, exact.
template <bool fast, class Number>
[[gnu::always_inline]] inline Vector<Number> over_root(Vector<Number> x, Vector<Number> y,
                                                       Number scale, Number epsilon) {
  const Vector<Number> divisor = scale * square_root<Number>(y) + epsilon;
#if defined(__x86_64__)
  if constexpr (fast && sizeof(Number) == sizeof(float)) {
    const Lanes quotient = estimate_one_over(divisor);
    return x * (quotient * (2.0f - divisor * quotient));
  }
#endif
  return x / divisor;
}

/// Sixteen numbers in a row: four of each head (head_order.hpp), or any sixteen.
template <class Number>
struct Block {
  static constexpr int parts = 16 / lanes_of<Number>;  ///< vectors
  Vector<Number> part[parts];                          ///< in order

  [[gnu::always_inline]] static Block load(const Number* from) {
    Block result;
#pragma GCC unroll 8
    for (int i = 0; i < parts; ++i) result.part[i] = load_vector(from + i * lanes_of<Number>);
    return result;
  }
  [[gnu::always_inline]] static Block of(Number x) {
    Block result;
#pragma GCC unroll 8
    for (int i = 0; i < parts; ++i) result.part[i] = all(x);
    return result;
  }
  [[gnu::always_inline]] void store(Number* to) const {
#pragma GCC unroll 8
    for (int i = 0; i < parts; ++i) store_vector<Number>(to + i * lanes_of<Number>, part[i]);
  }
  /// f(part) of each part.
  template <class F>
  [[gnu::always_inline]] Block map(const F& f) const {
    Block result;
#pragma GCC unroll 8
    for (int i = 0; i < parts; ++i) result.part[i] = f(part[i]);
    return result;
  }
  /// f(part, other part) of each pair.
  template <class F>
  [[gnu::always_inline]] Block with(const Block& other, const F& f) const {
    Block result;
#pragma GCC unroll 8
    for (int i = 0; i < parts; ++i) result.part[i] = f(part[i], other.part[i]);
    return result;
  }

  [[gnu::always_inline]] friend Block operator+(const Block& a, const Block& b) {
    Block result;
#pragma GCC unroll 8
    for (int i = 0; i < parts; ++i) result.part[i] = a.part[i] + b.part[i];
    return result;
  }
  [[gnu::always_inline]] friend Block operator-(const Block& a, const Block& b) {
    Block result;
#pragma GCC unroll 8
    for (int i = 0; i < parts; ++i) result.part[i] = a.part[i] - b.part[i];
    return result;
  }
  [[gnu::always_inline]] friend Block operator*(const Block& a, const Block& b) {
    Block result;
#pragma GCC unroll 8
    for (int i = 0; i < parts; ++i) result.part[i] = a.part[i] * b.part[i];
    return result;
  }
  /// a b + c
  [[gnu::always_inline]] static Block multiply_add(const Block& a, const Block& b, Block c) {
#pragma GCC unroll 8
    for (int i = 0; i < parts; ++i) {
      if constexpr (name_multiply_add) {
        c.part[i] = ladder::multiply_add(a.part[i], b.part[i], c.part[i]);
      } else {
        c.part[i] += a.part[i] * b.part[i];
      }
    }
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
