#pragma once
/// \file
/// From the sums of one product to the narrow numbers that the next one takes: a stream's row at a
/// time. Each has a plain version, and one in the instructions of AVX-512 where the compiler may
/// use them; a test holds the two together, bit by bit.

#include <algorithm>
#include <cmath>

#include "07_fast_inference/model/model.hpp"
#include "07_fast_inference/one_stream/simd.hpp"
#include "08_hardware/amx/bfloat.hpp"
#include "08_hardware/amx/tiles.hpp"

namespace ladder {
inline namespace LADDER_WIDTH {

/// The plain versions.
namespace plain {

/// Sixteen numbers rounded to bfloat16, and behind them what that left over, rounded likewise: a
/// row of 64 bytes.
[[gnu::always_inline]] inline void split(const float* x, unsigned char* row) {
  Bfloat both[2 * n_embd];
  for (int i = 0; i < n_embd; ++i) {
    both[i] = to_bfloat(x[i]);
    both[n_embd + i] = to_bfloat(x[i] - from_bfloat(both[i]));
  }
  std::memcpy(row, both, sizeof both);
}

/// Sixteen numbers times `scale`, rounded to the nearest even: a row of 16 bytes. None may be
/// beyond ±127.
[[gnu::always_inline]] inline void signed_bytes(const float* x, float scale, unsigned char* row) {
  for (int i = 0; i < n_embd; ++i) {
    row[i] = static_cast<unsigned char>(static_cast<int>(std::nearbyint(x[i] * scale)));
  }
}

/// ReLU of 64 sums times factor / 2^15, rounded: a row of 64 bytes from 0 to 255. The sums are cut
/// off at ±2^15 first.
[[gnu::always_inline]] inline void hidden_bytes(const std::int32_t* sum, const std::int16_t* factor,
                                                unsigned char* row) {
  for (int k = 0; k < n_hidden; ++k) {
    const int word = std::clamp(sum[k], -32768, 32767);
    row[k] = static_cast<unsigned char>(std::clamp((word * factor[k] + (1 << 14)) >> 15, 0, 255));
  }
}

/// ReLU of 32 sums, rounded to bfloat16: a row of 64 bytes.
[[gnu::always_inline]] inline void hidden_bfloats(const float* sum, unsigned char* row) {
  Bfloat result[32];
  for (int k = 0; k < 32; ++k) result[k] = to_bfloat(std::max(sum[k], 0.0f));
  std::memcpy(row, result, sizeof result);
}

}  // namespace plain

/// As plain::split().
[[gnu::always_inline]] inline void split(const float* x, unsigned char* row) {
#if defined(__AVX512BF16__) && defined(__AVX512BW__)
  const __m512 all = _mm512_loadu_ps(x);
  const __m256i high = (__m256i)_mm512_cvtneps_pbh(all);
  const __m512 rounded = (__m512)_mm512_slli_epi32(_mm512_cvtepu16_epi32(high), 16);
  const __m256i low = (__m256i)_mm512_cvtneps_pbh(_mm512_sub_ps(all, rounded));
  _mm512_storeu_si512(row, _mm512_inserti64x4(_mm512_castsi256_si512(high), low, 1));
#else
  plain::split(x, row);
#endif
}

/// As plain::signed_bytes().
[[gnu::always_inline]] inline void signed_bytes(const float* x, float scale, unsigned char* row) {
#if defined(__AVX512F__)
  const __m512i numbers =
      _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(x), _mm512_set1_ps(scale)));
  _mm_storeu_si128((__m128i*)row, _mm512_cvtepi32_epi8(numbers));
#else
  plain::signed_bytes(x, scale, row);
#endif
}

/// As plain::hidden_bytes(), of four rows of 16 sums.
[[gnu::always_inline]] inline void hidden_bytes(const unsigned char* const (&sum)[4],
                                                const std::int16_t* factor, unsigned char* row) {
#if defined(__AVX512BW__)
  const auto words = [&](int i) __attribute__((always_inline)) {
    return _mm512_packs_epi32(_mm512_loadu_si512(sum[i]), _mm512_loadu_si512(sum[i + 1]));
  };
  // Each instruction works within quarters of 128 bits, and so do the factors' places.
  const __m512i places = _mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7);
  const auto factors = [&](int i) __attribute__((always_inline)) {
    return _mm512_permutexvar_epi64(places, _mm512_loadu_si512(factor + i));
  };
  const __m512i low = _mm512_mulhrs_epi16(words(0), factors(0));
  const __m512i high = _mm512_mulhrs_epi16(words(2), factors(32));
  const __m512i fours = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  _mm512_storeu_si512(row, _mm512_permutexvar_epi32(fours, _mm512_packus_epi16(low, high)));
#else
  std::int32_t all[n_hidden];
  for (int i = 0; i < 4; ++i) std::memcpy(all + 16 * i, sum[i], tile_bytes);
  plain::hidden_bytes(all, factor, row);
#endif
}

/// As plain::hidden_bfloats(), of two rows of 16 sums.
[[gnu::always_inline]] inline void hidden_bfloats(const unsigned char* first,
                                                  const unsigned char* second, unsigned char* row) {
#if defined(__AVX512BF16__)
  const __m512 zero = _mm512_setzero_ps();
  const __m512 a = _mm512_max_ps(_mm512_loadu_ps(first), zero);
  const __m512 b = _mm512_max_ps(_mm512_loadu_ps(second), zero);
  // Not vcvtne2ps2bf16, which does both in one: Bochs 3.0 has it wrong.
  const __m512i low = _mm512_castsi256_si512((__m256i)_mm512_cvtneps_pbh(a));
  _mm512_storeu_si512(row, _mm512_inserti64x4(low, (__m256i)_mm512_cvtneps_pbh(b), 1));
#else
  float all[32];
  std::memcpy(all, first, tile_bytes);
  std::memcpy(all + 16, second, tile_bytes);
  plain::hidden_bfloats(all, row);
#endif
}

}  // namespace LADDER_WIDTH
}  // namespace ladder
