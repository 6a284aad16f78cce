#pragma once
/// \file
/// Vectors of numbers as the processor has them, written once for AVX-512, AVX2, SSE, NEON and
/// WebAssembly.
///
/// These are the vector types that g++ and clang have built in: `a * b + c` on them means what it
/// says, lane by lane, and the compiler picks the instructions. Nothing here can ask for an
/// instruction that the flags do not allow: with -march=native the machine that compiled it has
/// them all, and with LADDER_NATIVE=OFF only what every machine of its kind has is used.

#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

// One program holds code for several widths of a vector (widths.hpp), each in a namespace of its
// own, so that the linker cannot take one for another. Whoever includes this sees one of them.
/// \def LADDER_WIDTH
/// The namespace of the width that a file is compiled for.
#if defined(__AVX512F__)
#define LADDER_WIDTH lanes_16
#elif defined(__AVX2__)
#define LADDER_WIDTH lanes_8
#else
#define LADDER_WIDTH lanes_4
#endif

namespace ladder {
inline namespace LADDER_WIDTH {

/// Numbers of 32 bits in a vector: 512, 256 or 128 bits.
#if defined(__AVX512F__)
inline constexpr int lanes = 16;
#elif defined(__AVX2__)
inline constexpr int lanes = 8;
#else
inline constexpr int lanes = 4;
#endif

/// \def LADDER_SHARED
/// A function that several others have for their own, so that nothing is in the way between the
/// two; but a module that is downloaded has it once.
#if defined(__wasm__)
#define LADDER_SHARED [[gnu::noinline]]
#else
#define LADDER_SHARED [[gnu::always_inline]]
#endif

/// \def LADDER_SHORT_LOOP
/// Before a loop that is not to be written out in a module. V8, which compiles a module in Chrome
/// and node, moves all loads of a piece of code without a jump to its beginning, and has too few
/// registers for what they load: nearly all of it is stored and loaded once more. A loop ends such
/// a piece.
#if defined(__wasm__)
#define LADDER_SHORT_LOOP _Pragma("clang loop unroll(disable)")
#else
#define LADDER_SHORT_LOOP
#endif

/// Whether, for the same reason, products go column by column in such loops, rather than along
/// diagonals written out.
#if defined(__wasm__)
inline constexpr bool short_loops = true;
#else
inline constexpr bool short_loops = false;
#endif

/// A vector of floats.
using Lanes [[gnu::vector_size(lanes * 4)]] = float;
/// A vector of integers, or what a comparison gives: -1 where it holds, 0 elsewhere.
using IntLanes [[gnu::vector_size(lanes * 4)]] = std::int32_t;

/// f(0), f(1), … f(n-1), written out: each index is a constant (of a type of its own), as a shuffle
/// needs it.
template <int n, class F>
[[gnu::always_inline]] inline void unroll(F&& f) {
  [&]<int... i>(std::integer_sequence<int, i...>) __attribute__((always_inline)) {
    (f(std::integral_constant<int, i>()), ...);
  }
  (std::make_integer_sequence<int, n>());
}

/// The same, or in a module a short loop, whose indices are plain numbers.
template <int n, class F>
[[gnu::always_inline]] inline void repeat(F&& f) {
  if constexpr (short_loops) {
    LADDER_SHORT_LOOP
    for (int i = 0; i < n; ++i) f(i);
  } else {
    unroll<n>(f);
  }
}

/// The same number in every lane.
[[gnu::always_inline]] inline Lanes splat(float value) { return value - Lanes{}; }

/// `lanes` numbers from any address, aligned or not.
[[gnu::always_inline]] inline Lanes load(const float* from) {
  Lanes result;
  std::memcpy(&result, from, sizeof result);
  return result;
}

/// `lanes` numbers to any address.
[[gnu::always_inline]] inline void store(float* to, Lanes value) {
  std::memcpy(to, &value, sizeof value);
}

/// The same for integers.
[[gnu::always_inline]] inline IntLanes load(const std::int32_t* from) {
  IntLanes result;
  std::memcpy(&result, from, sizeof result);
  return result;
}

/// Says that a vector is wanted in a register, now. g++ 12 would otherwise work out many products
/// before it adds the first one up, and read inputs from memory again for each use: more vectors
/// than it has registers for, so it stores and loads them.
template <class Vector>
[[gnu::always_inline]] inline void keep_in_register([[maybe_unused]] Vector& x) {
#if defined(__x86_64__) && !defined(__clang__)
  asm("" : "+v"(x));
#elif defined(__aarch64__) && !defined(__clang__)
  asm("" : "+w"(x));
#endif
}

/// sum + a * b, in one rounding where the machine can.
[[gnu::always_inline]] inline Lanes multiply_add(Lanes a, Lanes b, Lanes sum) {
#if defined(__wasm_relaxed_simd__)
  return (Lanes)__builtin_wasm_relaxed_madd_f32x4(a, b, sum);
#else
  return sum + a * b;
#endif
}

/// The bits of a number, and back.
[[gnu::always_inline]] inline IntLanes bits(Lanes x) { return (IntLanes)x; }
/// The number that has these bits.
[[gnu::always_inline]] inline Lanes from_bits(IntLanes x) { return (Lanes)x; }

/// Lane by lane; `b` where either is NaN.
[[gnu::always_inline]] inline Lanes max(Lanes a, Lanes b) { return a > b ? a : b; }

/// Lane i takes what stood in lane i ^ d: d = 1 swaps neighbours, 2 swaps pairs, … Its own inverse,
/// and one instruction for most d.
template <int d>
[[gnu::always_inline]] inline Lanes xor_lanes(Lanes x) {
  if constexpr (d == 0) {
    return x;
  } else {
    return [&]<int... i>(std::integer_sequence<int, i...>) __attribute__((always_inline)) {
      return __builtin_shufflevector(x, x, (i ^ d)...);
    }
    (std::make_integer_sequence<int, lanes>());
  }
}

/// sum + the products of two pairs of 16-bit numbers, for each lane: its upper halves and its lower
/// halves. The instruction for that is as old as SSE2 (pmaddwd); VNNI's adds to the sum as well.
[[gnu::always_inline]] inline IntLanes add_pair_products(IntLanes sum, IntLanes a, IntLanes b) {
#if defined(__AVX512VNNI__)
  return (IntLanes)_mm512_dpwssd_epi32((__m512i)sum, (__m512i)a, (__m512i)b);
#elif defined(__AVX512BW__)
  return sum + (IntLanes)_mm512_madd_epi16((__m512i)a, (__m512i)b);
#elif defined(__AVX2__) && !defined(__AVX512F__)
  return sum + (IntLanes)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#elif defined(__x86_64__) && !defined(__AVX512F__)
  return sum + (IntLanes)_mm_madd_epi16((__m128i)a, (__m128i)b);
#elif defined(__aarch64__)
  const int16x8_t x = (int16x8_t)a, y = (int16x8_t)b;
  const int32x4_t low = vmull_s16(vget_low_s16(x), vget_low_s16(y));
  return sum + (IntLanes)vpaddq_s32(low, vmull_high_s16(x, y));
#else
  return sum + (a << 16 >> 16) * (b << 16 >> 16) + (a >> 16) * (b >> 16);
#endif
}

/// 1 / √x by a square root and a division, each correctly rounded: no estimate.
[[gnu::always_inline]] inline Lanes one_over_sqrt(Lanes x) {
  for (int i = 0; i < lanes; ++i) x[i] = __builtin_sqrtf(x[i]);  // one instruction, once compiled
  return 1 / x;
}

/// In how many lanes is a <= b?
[[gnu::always_inline]] inline int count_less_equal(Lanes a, Lanes b) {
#if defined(__AVX512F__)
  return __builtin_popcount(_mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_LE_OQ));
#elif defined(__AVX2__)
  return __builtin_popcount(
      static_cast<unsigned>(_mm256_movemask_ps(_mm256_cmp_ps((__m256)a, (__m256)b, _CMP_LE_OQ))));
#else
  const IntLanes yes = a <= b;  // -1 where it holds
  return -(yes[0] + yes[1] + yes[2] + yes[3]);
#endif
}

/// 2^y for -126 <= y <= 127: 2^n · 2^f, where n is y rounded and f = y - n lies within ±1/2.
/// 2^f is a polynomial of degree 5 (Remez; relative error 7.5e-8), in pairs (Estrin) to shorten the
/// wait; 2^n is made by adding n to the exponent bits. Relative error at most 3e-7, as tested, with
/// fused multiply-adds (2.41e-7 is the largest met) or without (2.58e-7): 7.5e-8 of the polynomial,
/// 4.7e-8 because no float is its first coefficient, 6e-8 for rounding each of the last two sums,
/// 3e-8 for all before.
[[gnu::always_inline]] inline Lanes exp2(Lanes y) {
  // Adding 1.5 · 2^23 pushes the fraction out of the float: what is left counts in whole numbers.
  constexpr float round = 0x1.8p23f;
  const Lanes shifted = y + round;
#if defined(__AVX512DQ__)
  const Lanes f = (Lanes)_mm512_reduce_ps((__m512)y, 8);  // the same number by one instruction
#else
  const Lanes f = y - (shifted - round);
#endif
  const Lanes f2 = f * f;
  const Lanes low = multiply_add(splat(0.6931469671f), f, splat(1.000000072f));
  const Lanes middle = multiply_add(splat(0.05550713273f), f, splat(0.2402211972f));
  const Lanes high = multiply_add(splat(0.001327647217f), f, splat(0.009675541331f));
  const Lanes power = multiply_add(f2, multiply_add(f2, high, middle), low);
  return from_bits(bits(power) + (bits(shifted) << 23));
}

/// Squares of n by n numbers, side by side in n vectors: their rows become their columns. Halves
/// change places, then quarters, then neighbours.
template <int n>
[[gnu::always_inline]] inline void transpose(Lanes (&m)[n]) {
  const auto step = [&](auto w) __attribute__((always_inline)) {
    for (int i = 0; i < n; ++i) {
      if (i & w) continue;
      const Lanes a = m[i], b = m[i + w];
      [&]<int... l>(std::integer_sequence<int, l...>) __attribute__((always_inline)) {
        m[i] = __builtin_shufflevector(a, b, (l & w ? lanes + (l ^ w) : l)...);
        m[i + w] = __builtin_shufflevector(a, b, (l & w ? lanes + l : l ^ w)...);
      }
      (std::make_integer_sequence<int, lanes>());
    }
  };
  if constexpr (n > 8) step(std::integral_constant<int, 8 % lanes>());
  if constexpr (n > 4) step(std::integral_constant<int, 4 % lanes>());
  step(std::integral_constant<int, 2>());
  step(std::integral_constant<int, 1>());
}

/// Sixteen numbers, the width of this model, in as many vectors as that takes.
struct Sixteen {
  static constexpr int parts = 16 / lanes;  ///< vectors
  Lanes part[parts];                        ///< number i is lane i % lanes of part i / lanes

  /// Sixteen numbers from any address.
  [[gnu::always_inline]] static Sixteen load(const float* from) {
    Sixteen result;
    for (int i = 0; i < parts; ++i) result.part[i] = ladder::load(from + i * lanes);
    return result;
  }
  /// Sixteen numbers to any address.
  [[gnu::always_inline]] void store(float* to) const {
    for (int i = 0; i < parts; ++i) ladder::store(to + i * lanes, part[i]);
  }
};

/// The same number sixteen times.
[[gnu::always_inline]] inline Sixteen splat_sixteen(float value) {
  Sixteen result;
  for (Lanes& part : result.part) part = splat(value);
  return result;
}
/// Number by number.
[[gnu::always_inline]] inline Sixteen operator+(Sixteen a, const Sixteen& b) {
  for (int i = 0; i < Sixteen::parts; ++i) a.part[i] += b.part[i];
  return a;
}
/// Every part times the same vector: lane l meets factor l of it.
[[gnu::always_inline]] inline Sixteen operator*(Sixteen a, Lanes factor) {
  for (int i = 0; i < Sixteen::parts; ++i) a.part[i] *= factor;
  return a;
}
/// sum + a * b, in one rounding where the machine can.
[[gnu::always_inline]] inline Sixteen multiply_add(const Sixteen& a, const Sixteen& b,
                                                   Sixteen sum) {
  for (int i = 0; i < Sixteen::parts; ++i) {
    sum.part[i] = multiply_add(a.part[i], b.part[i], sum.part[i]);
  }
  return sum;
}
/// Every part and the same vector, lane by lane: with zeros that is ReLU.
[[gnu::always_inline]] inline Sixteen max(Sixteen a, Lanes least) {
  for (int i = 0; i < Sixteen::parts; ++i) a.part[i] = max(a.part[i], least);
  return a;
}

/// As xor_lanes of one vector: number i becomes number i ^ d.
template <int d>
[[gnu::always_inline]] inline Sixteen xor_lanes(const Sixteen& x) {
  Sixteen result;
  for (int i = 0; i < Sixteen::parts; ++i) {
    result.part[i] = xor_lanes<d % lanes>(x.part[i ^ (d / lanes)]);
  }
  return result;
}

/// Σ a_i b_i over the sixteen, in every lane.
[[gnu::always_inline]] inline Lanes dot(const Sixteen& a, const Sixteen& b) {
  Lanes sum = a.part[0] * b.part[0];
  for (int i = 1; i < Sixteen::parts; ++i) sum = multiply_add(a.part[i], b.part[i], sum);
  sum += xor_lanes<1>(sum);
  sum += xor_lanes<2>(sum);
  if constexpr (lanes > 4) sum += xor_lanes<4>(sum);
  if constexpr (lanes > 8) sum += xor_lanes<8 % lanes>(sum);
  return sum;
}

}  // namespace LADDER_WIDTH
}  // namespace ladder
