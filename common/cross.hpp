#pragma once
/// \file
/// What a program should know that an emulator runs (cmake/LadderCross.cmake): that it is so, and
/// how to have its instructions counted. Its time means nothing.

#include <cstddef>
#include <string>

namespace ladder {

/// The emulator that runs this program, as the script that started it says, for example
/// "qemu-aarch64"; empty on a real processor.
std::string emulator_name();

/// Prints a line that says so, if there is one.
void print_emulator();

/// Instructions that mean nothing to the processor, and something to the plugin that counts
/// (cmake/cross/count_instructions.cpp).
enum class CountMark { begin, end, unit, print };

/// Executes one; does nothing on other processors than AArch64.
[[gnu::always_inline]] inline void mark_for_counting([[maybe_unused]] CountMark mark) {
#if defined(__aarch64__)
  if (mark == CountMark::begin) asm volatile("hint #0x2a" ::: "memory");
  if (mark == CountMark::end) asm volatile("hint #0x2b" ::: "memory");
  if (mark == CountMark::unit) asm volatile("hint #0x2c" ::: "memory");
  if (mark == CountMark::print) asm volatile("hint #0x2d" ::: "memory");
#endif
}

/// Runs `work`; the plugin, if there is one, prints how many instructions it took for each of
/// `units`.
template <class Work>
void count_instructions(std::size_t units, Work&& work) {
  mark_for_counting(CountMark::begin);
  work();
  mark_for_counting(CountMark::end);
  for (std::size_t i = 0; i < units; ++i) mark_for_counting(CountMark::unit);
  mark_for_counting(CountMark::print);
}

/// \returns whether the plugin is there: the environment names it
bool instructions_are_counted();

}  // namespace ladder
