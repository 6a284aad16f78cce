// The integer kernels in NEON's instructions. Nearly all of them are those that every AArch64 has;
// the dot product is called only on a machine that has it.
#include "07_fast_inference/many_streams/integer_kernel.hpp"

#if defined(__aarch64__)

namespace ladder {
namespace {

[[gnu::always_inline]] inline int16x4_t to_words(Lanes x) {
  return vqmovn_s32(vcvtnq_s32_f32((float32x4_t)x));
}
[[gnu::always_inline]] inline int16x8_t to_words(Lanes a, Lanes b) {
  return vqmovn_high_s32(to_words(a), vcvtnq_s32_f32((float32x4_t)b));
}

// Eight words are the first inputs of four streams, then their second inputs: so each can be
// multiplied by one weight and added to the streams' sums, nothing is added across lanes.
struct Words {
  static constexpr int inputs = 2;
  static constexpr bool chunked = false, offset = false;

  [[gnu::always_inline]] static IntLanes first(IntLanes x, IntLanes w) {
    return add(IntLanes{}, x, w);
  }
  [[gnu::always_inline]] static IntLanes add(IntLanes sum, IntLanes x, IntLanes w) {
    const int16x8_t two = (int16x8_t)x, weights = (int16x8_t)w;
    const int32x4_t half = vmlal_laneq_s16((int32x4_t)sum, vget_low_s16(two), weights, 0);
    return (IntLanes)vmlal_high_laneq_s16(half, two, weights, 1);
  }
  [[gnu::always_inline]] static IntLanes finish(IntLanes sum) { return sum; }

  [[gnu::always_inline]] static IntLanes pack(const Lanes (&x)[2]) {
    return (IntLanes)to_words(x[0], x[1]);
  }
  // The upper halves of the sums.
  [[gnu::always_inline]] static IntLanes hidden(const IntLanes (&sum)[2], const IntegerModel&) {
    const int16x8_t upper = vuzp2q_s16((int16x8_t)sum[0], (int16x8_t)sum[1]);
    return (IntLanes)vmaxq_s16(upper, vdupq_n_s16(0));
  }
};

// Bytes are signed here, weights and inputs, and two products fit into 16 bits.
struct Bytes {
  static constexpr int inputs = 4;
  static constexpr bool chunked = false, offset = false;

  [[gnu::always_inline]] static IntLanes first(IntLanes x, IntLanes w) {
    return add(IntLanes{}, x, w);
  }
  [[gnu::always_inline]] static IntLanes add(IntLanes sum, IntLanes x, IntLanes w) {
    const int8x16_t a = (int8x16_t)x, b = (int8x16_t)w;
    const int16x8_t low = vmull_s8(vget_low_s8(a), vget_low_s8(b));
    return (IntLanes)vpadalq_s16((int32x4_t)sum, vpaddq_s16(low, vmull_high_s8(a, b)));
  }
  [[gnu::always_inline]] static IntLanes finish(IntLanes sum) { return sum; }

  [[gnu::always_inline]] static IntLanes pack(const Lanes (&x)[4]) {
    return in_order(to_words(x[0], x[1]), to_words(x[2], x[3]));
  }
  [[gnu::always_inline]] static IntLanes hidden(const IntLanes (&sum)[4], const IntegerModel& m) {
    const auto scaled = [&](IntLanes a, IntLanes b) __attribute__((always_inline)) {
      const int16x8_t words = vqmovn_high_s32(vqmovn_s32((int32x4_t)a), (int32x4_t)b);
      return vqrdmulhq_n_s16(words, m.hidden_factor);
    };
    const IntLanes bytes = in_order(scaled(sum[0], sum[1]), scaled(sum[2], sum[3]));
    return (IntLanes)vmaxq_s8((int8x16_t)bytes, vdupq_n_s8(0));
  }

 private:
  // Words a (of four streams), b and c, d to bytes a, b, c, d of each stream.
  [[gnu::always_inline]] static IntLanes in_order(int16x8_t ab, int16x8_t cd) {
    const uint8x16_t order = {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};
    return (IntLanes)vqtbl1q_s8(vqmovn_high_s16(vqmovn_s16(ab), cd), order);
  }
};

// The dot product adds four products to each lane at once.
struct DotBytes : Bytes {
  [[gnu::always_inline]] static IntLanes first(IntLanes x, IntLanes w) {
    return add(IntLanes{}, x, w);
  }
  [[gnu::always_inline]] static IntLanes add(IntLanes sum, IntLanes x, IntLanes w) {
#if defined(__ARM_FEATURE_DOTPROD)
    return (IntLanes)vdotq_s32((int32x4_t)sum, (int8x16_t)x, (int8x16_t)w);
#else
    // This file is compiled for machines without it, too: so it has to be asked for by its name.
    asm(".arch armv8.2-a+dotprod\n\tsdot %0.4s, %1.16b, %2.16b" : "+w"(sum) : "w"(x), "w"(w));
    return sum;
#endif
  }
};

}  // namespace

IntegerKernel neon_kernel(int bits) {
  return bits == 16 ? make_kernel<Words, Words>("smlal") : make_kernel<Words, Bytes>("sadalp");
}

IntegerKernel dot_product_kernel() { return make_kernel<Words, DotBytes>("sdot"); }

}  // namespace ladder

#endif
