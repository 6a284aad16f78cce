#pragma once
/// \file
/// A warp in plain C++: 32 lanes in lockstep. The warp programs of v3 to v6 run on it as they run
/// on the device, and it sees what a device would not tell: lanes that idle, a shuffle that asks a
/// lane which is switched off, two lanes that meet in shared memory without a barrier between them.

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "08_hardware/cuda/warp/lanes.hpp"

namespace ladder::gpu {

/// Who touched the bytes of a piece of shared memory since the last barrier of the warp.
class RaceCheck {
 public:
  /// Watches these bytes from now on, and no others.
  void watch(const void* begin, std::size_t bytes);
  /// Whether an address is watched.
  bool watches(const void* address) const;
  /// A lane reads or writes; both are meant of the first byte of a number.
  /// \throws std::logic_error if another lane wrote there, or for a write also read there, since
  ///         the last barrier
  void touch(const void* address, int lane, bool writes);
  /// All lanes have met.
  void barrier() { ++epoch_; }

 private:
  struct Cell {
    std::uint64_t written = 0, read = 0;  // in which epoch
    int writer = 0;
    std::uint32_t readers = 0;
  };
  const char* begin_ = nullptr;
  std::vector<Cell> cells_;  // by byte
  std::uint64_t epoch_ = 1;
};

/// Turns that shared memory takes to serve these lanes: it has 32 banks of 4 bytes, and each bank
/// serves one word a turn, to all lanes that want it.
int shared_wavefronts(const std::array<const void*, warp_lanes>& addresses, std::uint32_t active);

/// What a warp program is written over; DeviceWarp (device_warp.cuh) has the same members.
class EmulatedWarp {
 public:
  using Float = Lanes<float>;             ///< a float in each lane
  using Int = Lanes<int>;                 ///< an int in each lane
  using Unsigned = Lanes<std::uint32_t>;  ///< 32 bits in each lane
  using Mask = Lanes<bool>;               ///< which lanes

  /// Every lane's number, 0 to 31.
  Int lane() const;

  /// What follows is of this part of the program.
  void part(Part part) { lockstep.part = part; }

  /// Runs f with only those lanes switched on, if there are any.
  template <class F>
  void when(const Mask& mask, F&& f) {
    const Restore restore(lockstep.active);
    lockstep.active &= bits_of(mask);
    if (lockstep.active != 0) f();
  }

  /// Runs f in all lanes, but only the first `lanes` of them do something of use: the others
  /// compute copies or zeros of padding. Only the count knows.
  template <class F>
  void of_use(int lanes, F&& f) {
    const Restore restore(lockstep.useful);
    lockstep.useful &= static_cast<std::uint32_t>((std::uint64_t{1} << lanes) - 1);
    f();
  }

  /// Runs f in one lane.
  template <class F>
  void once(F&& f) {
    when(lane() == 0, f);
  }

  /// base[index] of each lane that is switched on.
  template <class T>
  Lanes<T> load(const T* base, const Int& index) {
    note_access(base, sizeof(T), index, false);
    Lanes<T> result;
    for_active([&](std::size_t i) { result.lane[i] = base[index.lane[i]]; });
    return result;
  }

  /// base[index] = value, of each lane that is switched on.
  template <class T>
  void store(T* base, const Int& index, const Lanes<T>& value) {
    note_access(base, sizeof(T), index, true);
    for_active([&](std::size_t i) { base[index.lane[i]] = value.lane[i]; });
  }

  /// Each lane gets the number of the lane that it names.
  template <class T>
  Lanes<T> shuffle(const Lanes<T>& value, const Int& source) {
    note_shuffle();
    Lanes<T> result;
    for (std::size_t i = 0; i < warp_lanes; ++i) {
      result.lane[i] = value.lane[static_cast<std::size_t>(source.lane[i]) % warp_lanes];
    }
    return result;
  }

  /// Each lane gets the number of the lane whose number differs in these bits.
  template <class T>
  Lanes<T> shuffle_xor(const Lanes<T>& value, int bits) {
    note_shuffle();
    Lanes<T> result;
    for (std::size_t i = 0; i < warp_lanes; ++i) {
      result.lane[i] = value.lane[i ^ static_cast<std::size_t>(bits)];
    }
    return result;
  }

  /// Each lane gets the number of the lane so far below, the lowest ones keep their own.
  template <class T>
  Lanes<T> shuffle_up(const Lanes<T>& value, int distance) {
    note_shuffle();
    Lanes<T> result = value;
    const auto d = static_cast<std::size_t>(distance);
    for (std::size_t i = d; i < warp_lanes; ++i) result.lane[i] = value.lane[i - d];
    return result;
  }

  /// Bit i is set if lane i's mask is: the same for all lanes.
  std::uint32_t ballot(const Mask& mask) {
    note_shuffle();
    return bits_of(mask);
  }

  /// What every lane has alike, as one number.
  template <class T>
  T uniform(const Lanes<T>& value) {
    for (const T& each : value.lane) {
      if (each != value.lane[0]) throw std::logic_error("lanes differ where they must agree");
    }
    return value.lane[0];
  }

  /// A barrier for the lanes: what they wrote to shared memory, all of them may read.
  void sync() {
    note_shuffle();
    races_.barrier();
  }

  /// c += a · b for 16 × 8 inputs by 8 × 8, spread over the lanes as `mma.m16n8k8` wants it
  /// (PTX ISA, "Matrix Fragments for mma.m16n8k8"): with g = lane / 4 and t = lane % 4,
  /// a = {A[g][t], A[g+8][t], A[g][t+4], A[g+8][t+4]}, b = {B[t][g], B[t+4][g]},
  /// c = {C[g][2t], C[g][2t+1], C[g+8][2t], C[g+8][2t+1]}. Inputs are rounded to tf32.
  void multiply_tf32(Float (&c)[4], const Float (&a)[4], const Float (&b)[2]);

  /// Watches shared memory: `watch` on the device does nothing.
  void watch(const void* begin, std::size_t bytes) { races_.watch(begin, bytes); }

 private:
  // Lanes are switched on again even if an error is on its way.
  struct Restore {
    explicit Restore(std::uint32_t& bits) : bits_(bits), before_(bits) {}
    ~Restore() { bits_ = before_; }
    Restore(const Restore&) = delete;
    Restore& operator=(const Restore&) = delete;

   private:
    std::uint32_t& bits_;
    std::uint32_t before_;
  };

  static std::uint32_t bits_of(const Mask& mask);
  static void note_shuffle();
  void note_access(const void* base, std::size_t size, const Int& index, bool writes);

  template <class F>
  static void for_active(F&& f) {
    for (std::size_t i = 0; i < warp_lanes; ++i) {
      if ((lockstep.active >> i & 1) != 0) f(i);
    }
  }

  RaceCheck races_;
};

}  // namespace ladder::gpu
