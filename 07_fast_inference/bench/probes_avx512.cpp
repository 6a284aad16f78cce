// What a machine with AVX-512 does in a cycle, with VNNI and without. This file alone is compiled
// for it, whatever the rest is compiled for.
#include "07_fast_inference/bench/probes.hpp"

#if defined(__AVX512VNNI__) && defined(__AVX512BW__)

#include <immintrin.h>

namespace ladder {
namespace {

struct Avx512 {
  static constexpr int bytes = 64, products_of_bytes = 4;
  static constexpr const char *double_name = "vfmadd231pd", *float_name = "vfmadd231ps",
                              *words_name = "vpmaddwd", *bytes_name = "vpmaddubsw";
  using Doubles [[gnu::vector_size(bytes)]] = double;
  using Floats [[gnu::vector_size(bytes)]] = float;
  using Ints [[gnu::vector_size(bytes)]] = std::int32_t;

  static Ints int16(Ints sum, Ints a, Ints b) {
    Ints product = pair_product(a, b);
    hide(product);  // or the compiler makes one VNNI instruction of the two
    return sum + product;
  }
  // Sums of 16 bits, as long as they fit.
  static Ints int8(Ints sum, Ints a, Ints b) {
    return (Ints)_mm512_add_epi16((__m512i)sum, _mm512_maddubs_epi16((__m512i)a, (__m512i)b));
  }
  static Ints pair_product(Ints a, Ints b) {
    return (Ints)_mm512_madd_epi16((__m512i)a, (__m512i)b);
  }
  static unsigned count(Floats a, Floats b) {
    return static_cast<unsigned>(__builtin_popcount(
        static_cast<unsigned>(_mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_LE_OQ))));
  }
  static Ints look_up(const std::int32_t* table, Ints index) {
    return (Ints)_mm512_i32gather_epi32((__m512i)index, table, 4);
  }
};

struct Vnni : Avx512 {
  static constexpr const char *words_name = "vpdpwssd", *bytes_name = "vpdpbusd";

  // (By its name, for clang makes two instructions of it again.)
  static Ints int16(Ints sum, Ints a, Ints b) {
    asm("vpdpwssd %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
    return sum;
  }
  static Ints int8(Ints sum, Ints a, Ints b) {
    return (Ints)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)a, (__m512i)b);
  }
};

}  // namespace

Probes avx512_probes(bool has_vnni) {
  return has_vnni ? ProbesOf<Vnni>::make() : ProbesOf<Avx512>::make();
}

}  // namespace ladder

#endif
