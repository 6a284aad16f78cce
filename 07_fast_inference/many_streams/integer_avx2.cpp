// The integer kernels in AVX2's instructions. This file alone is compiled for them, whatever the
// rest is compiled for, and is called only on a machine that has them.
#include "07_fast_inference/many_streams/integer_kernel.hpp"

#if defined(__AVX2__)

namespace ladder {
namespace {

static_assert(lanes == 8);

[[gnu::always_inline]] inline __m256i round(Lanes x) { return _mm256_cvtps_epi32((__m256)x); }

// vpmaddwd: in each 32-bit lane, two products of 16-bit numbers, added.
struct Words {
  static constexpr int inputs = 2;
  static constexpr bool chunked = false, offset = false;

  [[gnu::always_inline]] static IntLanes first(IntLanes x, IntLanes w) {
    return (IntLanes)_mm256_madd_epi16((__m256i)x, (__m256i)w);
  }
  [[gnu::always_inline]] static IntLanes add(IntLanes sum, IntLanes x, IntLanes w) {
    return sum + first(x, w);
  }
  [[gnu::always_inline]] static IntLanes finish(IntLanes sum) { return sum; }

  [[gnu::always_inline]] static IntLanes pack(const Lanes (&x)[2]) {
    const __m256i order = _mm256_setr_epi8(0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15,  //
                                           0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15);
    return (IntLanes)_mm256_shuffle_epi8(_mm256_packs_epi32(round(x[0]), round(x[1])), order);
  }
  // The upper halves of the sums.
  [[gnu::always_inline]] static IntLanes hidden(const IntLanes (&sum)[2], const IntegerModel&) {
    const __m256i low = _mm256_srli_epi32((__m256i)sum[0], 16);
    const __m256i both = _mm256_blend_epi16(low, (__m256i)sum[1], 0xAA);
    return (IntLanes)_mm256_max_epi16(both, _mm256_setzero_si256());
  }
};

// vpmaddubsw: in each 16-bit half of a lane, two products of bytes, added: unsigned x, signed w.
struct Bytes {
  static constexpr int inputs = 4;
  static constexpr bool chunked = true, offset = true;

  [[gnu::always_inline]] static IntLanes first(IntLanes x, IntLanes w) {
    return (IntLanes)_mm256_maddubs_epi16((__m256i)x, (__m256i)w);
  }
  [[gnu::always_inline]] static IntLanes add(IntLanes sum, IntLanes x, IntLanes w) {
    return (IntLanes)_mm256_add_epi16((__m256i)sum, (__m256i)first(x, w));
  }
  [[gnu::always_inline]] static IntLanes finish(IntLanes sum) {
    return (IntLanes)_mm256_madd_epi16((__m256i)sum, _mm256_set1_epi16(1));
  }

  [[gnu::always_inline]] static IntLanes pack(const Lanes (&x)[4]) {
    return in_order(_mm256_packs_epi32(round(x[0] + 128), round(x[1] + 128)),
                    _mm256_packs_epi32(round(x[2] + 128), round(x[3] + 128)));
  }
  [[gnu::always_inline]] static IntLanes hidden(const IntLanes (&sum)[4], const IntegerModel& m) {
    const __m256i factor = _mm256_set1_epi16(m.hidden_factor);
    const __m256i ab = _mm256_packs_epi32((__m256i)sum[0], (__m256i)sum[1]);
    const __m256i cd = _mm256_packs_epi32((__m256i)sum[2], (__m256i)sum[3]);
    const IntLanes bytes =
        in_order(_mm256_mulhrs_epi16(ab, factor), _mm256_mulhrs_epi16(cd, factor));
    return (IntLanes)_mm256_min_epu8((__m256i)bytes, _mm256_set1_epi8(127));
  }

 private:
  // Words (a, b) and (c, d), as vpackssdw leaves them, to bytes a, b, c, d in each lane.
  [[gnu::always_inline]] static IntLanes in_order(__m256i ab, __m256i cd) {
    const __m256i order = _mm256_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15,  //
                                           0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    return (IntLanes)_mm256_shuffle_epi8(_mm256_packus_epi16(ab, cd), order);
  }
};

}  // namespace

IntegerKernel avx2_kernel(int bits) {
  return bits == 16 ? make_kernel<Words, Words>("vpmaddwd")
                    : make_kernel<Words, Bytes>("vpmaddubsw");
}

}  // namespace ladder

#endif
