// What a machine does in a cycle in vectors of 128 bits, which every x86-64 and every AArch64 has.
#include "07_fast_inference/bench/probes.hpp"

#if defined(__x86_64__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace ladder {

#if defined(__x86_64__) || defined(__aarch64__)

namespace {

struct Portable {
  static constexpr int bytes = 16;
  using Doubles [[gnu::vector_size(bytes)]] = double;
  using Floats [[gnu::vector_size(bytes)]] = float;
  using Ints [[gnu::vector_size(bytes)]] = std::int32_t;

#if defined(__x86_64__)
  // Before SSSE3 no instruction multiplies bytes: they are made words.
  static constexpr int products_of_bytes = 2;
#if defined(__FMA__)
  static constexpr const char *double_name = "vfmadd231pd", *float_name = "vfmadd231ps",
                              *words_name = "vpmaddwd", *bytes_name = "vpmaddwd";
#else
  static constexpr const char *double_name = "mulpd", *float_name = "mulps",
                              *words_name = "pmaddwd", *bytes_name = "pmaddwd";
#endif
  static Ints int16(Ints sum, Ints a, Ints b) {
    Ints product = pair_product(a, b);
    hide(product);  // or the compiler makes one VNNI instruction of the two
    return sum + product;
  }
  static Ints int8(Ints sum, Ints a, Ints b) { return int16(sum, a, b); }
  static Ints pair_product(Ints a, Ints b) { return (Ints)_mm_madd_epi16((__m128i)a, (__m128i)b); }
#else
  static constexpr int products_of_bytes = 4;
  static constexpr const char *double_name = "fmla", *float_name = "fmla", *words_name = "smlal",
                              *bytes_name = "sadalp";
  static Ints int16(Ints sum, Ints a, Ints b) {
    const int16x8_t x = (int16x8_t)a, y = (int16x8_t)b;
    return (Ints)vmlal_high_s16(vmlal_s16((int32x4_t)sum, vget_low_s16(x), vget_low_s16(y)), x, y);
  }
  static Ints int8(Ints sum, Ints a, Ints b) {
    const int8x16_t x = (int8x16_t)a, y = (int8x16_t)b;
    const int16x8_t low = vmull_s8(vget_low_s8(x), vget_low_s8(y));
    return (Ints)vpadalq_s16((int32x4_t)sum, vpaddq_s16(low, vmull_high_s8(x, y)));
  }
  static Ints pair_product(Ints a, Ints b) {
    const int16x8_t x = (int16x8_t)a, y = (int16x8_t)b;
    const int32x4_t low = vmull_s16(vget_low_s16(x), vget_low_s16(y));
    return (Ints)vpaddq_s32(low, vmull_high_s16(x, y));
  }
#endif

  static unsigned count(Floats a, Floats b) {
    const Ints yes = a <= b;  // -1 where it holds
    return 0u - static_cast<unsigned>(yes[0] + yes[1] + yes[2] + yes[3]);
  }
  static Ints look_up(const std::int32_t* table, Ints index) {
    Ints result;
    for (int i = 0; i < 4; ++i) result[i] = table[index[i]];
    return result;
  }
};

#if defined(__aarch64__)
struct DotProduct : Portable {
  static constexpr const char* bytes_name = "sdot";
  static Ints int8(Ints sum, Ints a, Ints b) {
    // This file is compiled for machines without it, too: so it has to be asked for by its name.
    asm(".arch armv8.2-a+dotprod\n\tsdot %0.4s, %1.16b, %2.16b" : "+w"(sum) : "w"(a), "w"(b));
    return sum;
  }
};
#endif

}  // namespace

Probes portable_probes() { return ProbesOf<Portable>::make(); }

#if defined(__aarch64__)
Probes dot_product_probes() { return ProbesOf<DotProduct>::make(); }
#endif

#endif

}  // namespace ladder
