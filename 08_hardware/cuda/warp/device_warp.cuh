#pragma once
/// \file
/// The warp of a device: every thread is one lane, and a member is one instruction. EmulatedWarp
/// has the same members; what is said of them stands there.

#include <cstddef>
#include <cstdint>

#include "08_hardware/cuda/warp/target.hpp"

namespace ladder::gpu {

/// The warp that the calling thread belongs to. Lanes lie along x.
class DeviceWarp {
 public:
  using Float = float;             ///< this lane's
  using Int = int;                 ///< this lane's
  using Unsigned = std::uint32_t;  ///< this lane's
  using Mask = bool;               ///< whether this lane

  /// This thread's.
  LADDER_DEVICE int lane() const { return static_cast<int>(threadIdx.x) % warp_lanes; }
  /// Only a count would know.
  LADDER_DEVICE void part(Part) {}
  /// Runs f in lanes whose mask is set.
  template <class F>
  LADDER_DEVICE void when(bool mask, F&& f) {
    if (mask) f();
  }
  /// Only a count would know.
  template <class F>
  LADDER_DEVICE void of_use(int, F&& f) {
    f();
  }
  /// Runs f in lane 0.
  template <class F>
  LADDER_DEVICE void once(F&& f) {
    if (lane() == 0) f();
  }
  /// base[index]
  template <class T>
  LADDER_DEVICE T load(const T* base, int index) {
    return base[index];
  }
  /// base[index] = value
  template <class T>
  LADDER_DEVICE void store(T* base, int index, T value) {
    base[index] = value;
  }
  /// `source` has it.
  template <class T>
  LADDER_DEVICE T shuffle(T value, int source) {
    return __shfl_sync(all, value, source);
  }
  /// The lane whose number differs in these bits has it.
  template <class T>
  LADDER_DEVICE T shuffle_xor(T value, int bits) {
    return __shfl_xor_sync(all, value, bits);
  }
  /// The lane so far below has it.
  template <class T>
  LADDER_DEVICE T shuffle_up(T value, int distance) {
    return __shfl_up_sync(all, value, static_cast<unsigned>(distance));
  }
  /// Bit i: lane i's mask.
  LADDER_DEVICE std::uint32_t ballot(bool mask) { return __ballot_sync(all, mask); }
  /// All lanes have the same.
  template <class T>
  LADDER_DEVICE T uniform(T value) {
    return value;
  }
  /// All lanes meet.
  LADDER_DEVICE void sync() { __syncwarp(); }
  /// compute-sanitizer watches here.
  LADDER_DEVICE void watch(const void*, std::size_t) {}

  /// c += a · b on the matrix unit.
  LADDER_DEVICE void multiply_tf32(float (&c)[4], const float (&a)[4], const float (&b)[2]) {
    std::uint32_t left[4], right[2];
    for (int i = 0; i < 4; ++i) left[i] = to_tf32(a[i]);
    for (int i = 0; i < 2; ++i) right[i] = to_tf32(b[i]);
    asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, "
        "{%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(left[0]), "r"(left[1]), "r"(left[2]), "r"(left[3]), "r"(right[0]), "r"(right[1]));
  }

 private:
  static constexpr unsigned all = 0xffffffff;

  static LADDER_DEVICE std::uint32_t to_tf32(float x) {
    std::uint32_t rounded;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(rounded) : "f"(x));
    return rounded;
  }
};

/// a · b + c, rounded once.
LADDER_DEVICE float fused(float a, float b, float c) { return __fmaf_rn(a, b, c); }

/// 2 to the power of x; off by 2 units in the last place at most (PTX ISA, ex2.approx).
LADDER_DEVICE float exp2_of(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

/// 1 / √x; off by about 2 units in the last place at most (rsqrt.approx).
LADDER_DEVICE float rsqrt_of(float x) { return rsqrtf(x); }

/// 1 / x, off by 1 unit in the last place at most (rcp.approx).
LADDER_DEVICE float reciprocal(float x) { return __fdividef(1.0f, x); }

/// The larger of two.
LADDER_DEVICE float larger(float a, float b) { return fmaxf(a, b); }

/// An integer as a float.
LADDER_DEVICE float to_float(std::uint32_t x) { return static_cast<float>(x); }

/// The lower eight bits.
LADDER_DEVICE std::uint8_t to_byte(int x) { return static_cast<std::uint8_t>(x); }

/// The first where the mask is set.
template <class T>
LADDER_DEVICE T pick(bool mask, T yes, T no) {
  return mask ? yes : no;
}

}  // namespace ladder::gpu
