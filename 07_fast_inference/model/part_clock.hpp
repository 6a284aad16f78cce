#pragma once
/// \file
/// Where the time of a token goes: a clock that an engine carries along, and which is nothing at
/// all unless it is asked for. The engine's pass is a template over it and says where a part ends.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace ladder {

/// The parts of a token's way through the model, in their order; `attention` has wo with it,
/// `norms` are those that something waits for.
enum class Part { embedding, norms, qkv, attention, mlp, head, draw };
/// How many there are.
inline constexpr std::size_t part_count = 7;

/// Ticks of the processor's time-stamp counter that each part took.
using PartTicks = std::array<std::uint64_t, part_count>;

/// An engine that can time its parts while it writes.
class TimesParts {
 public:
  virtual ~TimesParts();
  /// Writes on for so many steps, and adds up what each part took.
  virtual void time_parts(std::size_t steps, PartTicks& ticks) = 0;
};

/// A browser's module has no such counter, and need not carry the code that would read it.
#if defined(__wasm__)
inline constexpr bool has_ticks = false;
#else
inline constexpr bool has_ticks = true;
#endif

/// Not timed.
struct NoClock {
  /// Where a part ends.
  template <class... Results>
  [[gnu::always_inline]] void end(Part, const Results&...) {}
};

/// Timed. \tparam waits  for all that was begun before it reads the time, so that a part has the
///                       whole of its latency: for one stream, where parts are shorter than what
///                       the processor looks ahead. The engine is slower then, for nothing
///                       overlaps.
template <bool waits>
class PartClock {
 public:
  /// Starts now, once it knows what reading the time takes by itself.
  explicit PartClock(PartTicks& ticks) : ticks_(ticks) {
    std::uint64_t least = ~std::uint64_t{0};
    for (int i = 0; i < 100; ++i) {
      const std::uint64_t before = now();
      least = std::min(least, now() - before);
    }
    reading_ = least;
    last_ = now();
  }

  /// The time since the last call was that part's. \param results  of it: the compiler must have
  ///                                                worked them out by then
  template <class... Results>
  [[gnu::always_inline]] void end(Part part, const Results&... results) {
    (work_out(results), ...);
    const std::uint64_t time = now();
    ticks_[static_cast<std::size_t>(part)] += time - last_ - reading_;
    last_ = time;
  }

  /// Ticks since the processor began; always 0 elsewhere than on x86-64.
  [[gnu::always_inline]] static std::uint64_t now() {
#if defined(__x86_64__)
    if (waits) __builtin_ia32_lfence();
    return __builtin_ia32_rdtsc();
#else
    return 0;
#endif
  }

 private:
  template <class Result>
  [[gnu::always_inline]] static void work_out(const Result& result) {
    asm volatile("" : : "m"(result));
  }

  PartTicks& ticks_;
  std::uint64_t reading_ = 0, last_ = 0;
};

}  // namespace ladder
