// What a machine with AVX2 and FMA does in a cycle. This file alone is compiled for it, whatever
// the rest is compiled for.
#include "07_fast_inference/bench/probes.hpp"

#if defined(__AVX2__)

#include <immintrin.h>

namespace ladder {
namespace {

struct Avx2 {
  static constexpr int bytes = 32, products_of_bytes = 4;
  static constexpr const char *double_name = "vfmadd231pd", *float_name = "vfmadd231ps",
                              *words_name = "vpmaddwd", *bytes_name = "vpmaddubsw";
  using Doubles [[gnu::vector_size(bytes)]] = double;
  using Floats [[gnu::vector_size(bytes)]] = float;
  using Ints [[gnu::vector_size(bytes)]] = std::int32_t;

  static Ints int16(Ints sum, Ints a, Ints b) { return sum + pair_product(a, b); }
  // Sums of 16 bits, as long as they fit.
  static Ints int8(Ints sum, Ints a, Ints b) {
    return (Ints)_mm256_add_epi16((__m256i)sum, _mm256_maddubs_epi16((__m256i)a, (__m256i)b));
  }
  static Ints pair_product(Ints a, Ints b) {
    return (Ints)_mm256_madd_epi16((__m256i)a, (__m256i)b);
  }
  static unsigned count(Floats a, Floats b) {
    return static_cast<unsigned>(__builtin_popcount(static_cast<unsigned>(
        _mm256_movemask_ps(_mm256_cmp_ps((__m256)a, (__m256)b, _CMP_LE_OQ)))));
  }
  static Ints look_up(const std::int32_t* table, Ints index) {
    return (Ints)_mm256_i32gather_epi32(table, (__m256i)index, 4);
  }
};

}  // namespace

Probes avx2_probes() { return ProbesOf<Avx2>::make(); }

}  // namespace ladder

#endif
