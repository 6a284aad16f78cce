// The integer kernel in WebAssembly's instructions. These have no product of bytes that adds up
// within a lane, so numbers of 8 bits are multiplied as words of 16: two a lane, exactly.
#include "07_fast_inference/many_streams/integer_kernel.hpp"

#if defined(__wasm__)

#include <wasm_simd128.h>

namespace ladder {
namespace {

// In each 32-bit lane, two products of 16-bit numbers, added.
struct Words {
  static constexpr int inputs = 2;
  static constexpr bool chunked = false, offset = false;

  [[gnu::always_inline]] static IntLanes first(IntLanes x, IntLanes w) {
    return (IntLanes)wasm_i32x4_dot_i16x8((v128_t)x, (v128_t)w);
  }
  [[gnu::always_inline]] static IntLanes add(IntLanes sum, IntLanes x, IntLanes w) {
    return sum + first(x, w);
  }
  [[gnu::always_inline]] static IntLanes finish(IntLanes sum) { return sum; }

  [[gnu::always_inline]] static IntLanes pack(const Lanes (&x)[2]) {
    return in_order(wasm_i16x8_narrow_i32x4(round(x[0]), round(x[1])));
  }

 protected:
  [[gnu::always_inline]] static v128_t round(Lanes x) {
    return wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest((v128_t)x));
  }
  // Words a of four streams, then b, to a and b in each stream's lane.
  [[gnu::always_inline]] static IntLanes in_order(v128_t words) {
    return (IntLanes)wasm_i16x8_shuffle(words, words, 0, 4, 1, 5, 2, 6, 3, 7);
  }
};

// The same for numbers of 8 bits: signed, as on NEON.
struct Bytes : Words {
  [[gnu::always_inline]] static IntLanes pack(const Lanes (&x)[2]) {
    const v128_t words = wasm_i16x8_narrow_i32x4(round(x[0]), round(x[1]));
    return in_order(
        wasm_i16x8_min(wasm_i16x8_max(words, wasm_i16x8_splat(-128)), wasm_i16x8_splat(127)));
  }
  [[gnu::always_inline]] static IntLanes hidden(const IntLanes (&sum)[2], const IntegerModel& m) {
    const v128_t words = wasm_i16x8_narrow_i32x4((v128_t)sum[0], (v128_t)sum[1]);
    const v128_t scaled = wasm_i16x8_q15mulr_sat(words, wasm_i16x8_splat(m.hidden_factor));
    return in_order(
        wasm_i16x8_min(wasm_i16x8_max(scaled, wasm_i16x8_splat(0)), wasm_i16x8_splat(127)));
  }
};

}  // namespace

IntegerKernel wasm_kernel() {
  return {"i32x4.dot_i16x8_s", integer_forward<Words, Bytes>, integer_generate<Words, Bytes>};
}

}  // namespace ladder

#endif
