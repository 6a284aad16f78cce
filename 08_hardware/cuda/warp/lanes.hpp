#pragma once
/// \file
/// 32 numbers, one for each lane of an emulated warp: what is a `float` of each thread on the
/// device is a `Lanes<float>` here. An operator does the same in all lanes, as one instruction
/// does, and is counted as one; an assignment reaches only the lanes that are switched on.

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "08_hardware/cuda/warp/target.hpp"

namespace ladder::gpu {

/// What instructions did, of one part of a program.
struct Tally {
  std::uint64_t instructions = 0;  ///< issued for the warp
  std::uint64_t lanes = 0;         ///< switched on and of use, summed over instructions
  std::uint64_t shuffles = 0;      ///< of the instructions, those that pass numbers between lanes
  std::uint64_t memory = 0;        ///< of the instructions, loads and stores
  std::uint64_t wavefronts = 0;    ///< turns that shared memory took for these: 1 each, if no two
                                   ///< lanes want different words of one bank

  /// Share of the lanes that worked, 0 to 1.
  double utilisation() const {
    return instructions == 0 ? 0
                             : static_cast<double>(lanes) /
                                   (static_cast<double>(instructions) * double{warp_lanes});
  }

  /// Adds up.
  Tally& operator+=(const Tally& more) {
    instructions += more.instructions;
    lanes += more.lanes;
    shuffles += more.shuffles;
    memory += more.memory;
    wavefronts += more.wavefronts;
    return *this;
  }
};

/// The state of the warp that this thread emulates: all operators of Lanes look here.
struct Lockstep {
  std::uint32_t active = ~0u;  ///< bit i: lane i is switched on
  std::uint32_t useful = ~0u;  ///< bit i: its result is neither padding nor a copy
  Part part = Part::matrices;  ///< of the program
  std::array<Tally, static_cast<std::size_t>(Part::count)> tallies{};  ///< by part

  /// Counts an instruction. \returns where to count more of it
  Tally& issue() {
    Tally& tally = tallies[static_cast<std::size_t>(part)];
    ++tally.instructions;
    tally.lanes += static_cast<std::uint64_t>(std::popcount(active & useful));
    return tally;
  }
};

/// Of this thread.
inline thread_local Lockstep lockstep;

/// A number in each lane.
template <class T>
struct Lanes {
  std::array<T, warp_lanes> lane{};  ///< (32)

  Lanes() = default;
  /// The same in all lanes: a constant, or what the warp has in common.
  Lanes(T same) { lane.fill(same); }  // NOLINT(google-explicit-constructor)
  Lanes(const Lanes&) = default;
  ~Lanes() = default;

  /// In the lanes that are switched on.
  Lanes& operator=(const Lanes& that) {
    for (std::size_t i = 0; i < warp_lanes; ++i) {
      if ((lockstep.active >> i & 1) != 0) lane[i] = that.lane[i];
    }
    return *this;
  }

  /// One instruction: f of the numbers in each lane, whether it is switched on or not.
  template <class F, class... Others>
  static Lanes each(F f, const Others&... others) {
    lockstep.issue();
    Lanes result;
    for (std::size_t i = 0; i < warp_lanes; ++i) {
      result.lane[i] = static_cast<T>(f(others.lane[i]...));
    }
    return result;
  }

  friend Lanes operator+(const Lanes& a, const Lanes& b) {
    return each([](T x, T y) { return x + y; }, a, b);
  }
  friend Lanes operator-(const Lanes& a, const Lanes& b) {
    return each([](T x, T y) { return x - y; }, a, b);
  }
  friend Lanes operator*(const Lanes& a, const Lanes& b) {
    return each([](T x, T y) { return x * y; }, a, b);
  }
  friend Lanes operator&(const Lanes& a, const Lanes& b) {
    return each([](T x, T y) { return x & y; }, a, b);
  }
  friend Lanes operator|(const Lanes& a, const Lanes& b) {
    return each([](T x, T y) { return x | y; }, a, b);
  }
  friend Lanes operator^(const Lanes& a, const Lanes& b) {
    return each([](T x, T y) { return x ^ y; }, a, b);
  }
  friend Lanes operator>>(const Lanes& a, const Lanes& b) {
    return each([](T x, T y) { return x >> y; }, a, b);
  }
  friend Lanes operator<<(const Lanes& a, const Lanes& b) {
    return each([](T x, T y) { return x << y; }, a, b);
  }
  Lanes& operator+=(const Lanes& b) { return *this = *this + b; }
  Lanes& operator*=(const Lanes& b) { return *this = *this * b; }
  Lanes& operator^=(const Lanes& b) { return *this = *this ^ b; }

  friend Lanes<bool> operator<(const Lanes& a, const Lanes& b) {
    return Lanes<bool>::each([](T x, T y) { return x < y; }, a, b);
  }
  friend Lanes<bool> operator>(const Lanes& a, const Lanes& b) {
    return Lanes<bool>::each([](T x, T y) { return x > y; }, a, b);
  }
  friend Lanes<bool> operator>=(const Lanes& a, const Lanes& b) {
    return Lanes<bool>::each([](T x, T y) { return x >= y; }, a, b);
  }
  friend Lanes<bool> operator<=(const Lanes& a, const Lanes& b) {
    return Lanes<bool>::each([](T x, T y) { return x <= y; }, a, b);
  }
  friend Lanes<bool> operator==(const Lanes& a, const Lanes& b) {
    return Lanes<bool>::each([](T x, T y) { return x == y; }, a, b);
  }
};

/// a · b + c, rounded once.
inline Lanes<float> fused(const Lanes<float>& a, const Lanes<float>& b, const Lanes<float>& c) {
  return Lanes<float>::each([](float x, float y, float z) { return std::fma(x, y, z); }, a, b, c);
}

/// 2 to the power of x.
inline Lanes<float> exp2_of(const Lanes<float>& x) {
  return Lanes<float>::each([](float v) { return std::exp2(v); }, x);
}

/// 1 / √x.
inline Lanes<float> rsqrt_of(const Lanes<float>& x) {
  return Lanes<float>::each([](float v) { return 1 / std::sqrt(v); }, x);
}

/// 1 / x.
inline Lanes<float> reciprocal(const Lanes<float>& x) {
  return Lanes<float>::each([](float v) { return 1 / v; }, x);
}

/// The larger of two.
inline Lanes<float> larger(const Lanes<float>& a, const Lanes<float>& b) {
  return Lanes<float>::each([](float x, float y) { return std::max(x, y); }, a, b);
}

/// An integer as a float.
template <class T>
Lanes<float> to_float(const Lanes<T>& x) {
  return Lanes<float>::each([](T v) { return static_cast<float>(v); }, x);
}

/// The lower eight bits.
inline Lanes<std::uint8_t> to_byte(const Lanes<int>& x) {
  return Lanes<std::uint8_t>::each([](int v) { return v; }, x);
}

/// By lane: the first where the mask is set, else the second; both have been computed.
template <class T>
Lanes<T> pick(const Lanes<bool>& mask, const Lanes<T>& yes, const Lanes<T>& no) {
  return Lanes<T>::each([](bool m, T a, T b) { return m ? a : b; }, mask, yes, no);
}

}  // namespace ladder::gpu
