// The integer kernels in the instructions of AVX-512 VNNI, which multiply, add in 32 bits and add
// to the sum in one. This file alone is compiled for them, and is called only on a machine that has
// them. Tested on an emulated processor and on a Xeon (vpdpwssd and vpdpbusd, natively); its speed
// has not been measured yet.
#include "07_fast_inference/many_streams/integer_kernel.hpp"

#if defined(__AVX512VNNI__) && defined(__AVX512BW__)

namespace ladder {
namespace {

static_assert(lanes == 16);

[[gnu::always_inline]] inline __m512i round(Lanes x) { return _mm512_cvtps_epi32((__m512)x); }

// The bytes of each quarter in another order.
[[gnu::always_inline]] inline IntLanes shuffle(__m512i x, __m128i order) {
  return (IntLanes)_mm512_shuffle_epi8(x, _mm512_broadcast_i32x4(order));
}

// vpdpwssd: two products of 16-bit numbers, added to each lane.
struct Words {
  static constexpr int inputs = 2;
  static constexpr bool chunked = false, offset = false;

  [[gnu::always_inline]] static IntLanes first(IntLanes x, IntLanes w) {
    return add(IntLanes{}, x, w);
  }
  [[gnu::always_inline]] static IntLanes add(IntLanes sum, IntLanes x, IntLanes w) {
    return (IntLanes)_mm512_dpwssd_epi32((__m512i)sum, (__m512i)x, (__m512i)w);
  }
  [[gnu::always_inline]] static IntLanes finish(IntLanes sum) { return sum; }

  [[gnu::always_inline]] static IntLanes pack(const Lanes (&x)[2]) {
    return shuffle(_mm512_packs_epi32(round(x[0]), round(x[1])),
                   _mm_setr_epi8(0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15));
  }
  // The upper halves of the sums.
  [[gnu::always_inline]] static IntLanes hidden(const IntLanes (&sum)[2], const IntegerModel&) {
    const __m512i low = _mm512_srli_epi32((__m512i)sum[0], 16);
    const __m512i both = _mm512_mask_blend_epi16(0xAAAAAAAAu, low, (__m512i)sum[1]);
    return (IntLanes)_mm512_max_epi16(both, _mm512_setzero_si512());
  }
};

// vpdpbusd: four products of bytes, unsigned x and signed w, added to each lane.
struct Bytes {
  static constexpr int inputs = 4;
  static constexpr bool chunked = false, offset = true;  // it adds in 32 bits

  [[gnu::always_inline]] static IntLanes first(IntLanes x, IntLanes w) {
    return add(IntLanes{}, x, w);
  }
  [[gnu::always_inline]] static IntLanes add(IntLanes sum, IntLanes x, IntLanes w) {
    return (IntLanes)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)x, (__m512i)w);
  }
  [[gnu::always_inline]] static IntLanes finish(IntLanes sum) { return sum; }

  [[gnu::always_inline]] static IntLanes pack(const Lanes (&x)[4]) {
    return in_order(_mm512_packs_epi32(round(x[0] + 128), round(x[1] + 128)),
                    _mm512_packs_epi32(round(x[2] + 128), round(x[3] + 128)));
  }
  [[gnu::always_inline]] static IntLanes hidden(const IntLanes (&sum)[4], const IntegerModel& m) {
    const __m512i factor = _mm512_set1_epi16(m.hidden_factor);
    const __m512i ab = _mm512_packs_epi32((__m512i)sum[0], (__m512i)sum[1]);
    const __m512i cd = _mm512_packs_epi32((__m512i)sum[2], (__m512i)sum[3]);
    const IntLanes bytes =
        in_order(_mm512_mulhrs_epi16(ab, factor), _mm512_mulhrs_epi16(cd, factor));
    return (IntLanes)_mm512_min_epu8((__m512i)bytes, _mm512_set1_epi8(127));
  }

 private:
  // Words (a, b) and (c, d), as vpackssdw leaves them, to bytes a, b, c, d in each lane.
  [[gnu::always_inline]] static IntLanes in_order(__m512i ab, __m512i cd) {
    return shuffle(_mm512_packus_epi16(ab, cd),
                   _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
  }
};

}  // namespace

IntegerKernel avx512_kernel(int bits) {
  return bits == 16 ? make_kernel<Words, Words>("vpdpwssd") : make_kernel<Words, Bytes>("vpdpbusd");
}

}  // namespace ladder

#endif
