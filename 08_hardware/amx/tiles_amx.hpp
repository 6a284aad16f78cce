#pragma once
/// \file
/// Tiles by the processor's own instructions. Only for a file that is compiled for them, and that
/// is entered only where the machine has them (machine.hpp).

#include "08_hardware/amx/tiles.hpp"

namespace ladder {
// No name that another file could share: what is compiled here must not be linked for all.
namespace {

/// As tiles.hpp says. Tiles belong to the thread, so this has no numbers of its own. After
/// release() the kernel need not save 8 KiB with every switch of threads. (In assembler, for g++ 12
/// has macros that take no template argument for a register, and do not tell the compiler which
/// memory they read.)
struct AmxTiles {
  [[gnu::always_inline]] void configure() {
    const TileConfig config = full_tiles();
    asm volatile("ldtilecfg %0" : : "m"(config));
  }
  template <int t>
  [[gnu::always_inline]] void load(const TileMemory& from) {
    asm volatile("tileloadd (%1,%2,1), %%tmm%c3"
                 :
                 : "m"(from), "r"(&from), "r"(std::size_t{tile_bytes}), "i"(t));
  }
  template <int t>
  [[gnu::always_inline]] void store(TileMemory& to) const {
    asm volatile("tilestored %%tmm%c3, (%1,%2,1)"
                 : "=m"(to)
                 : "r"(&to), "r"(std::size_t{tile_bytes}), "i"(t));
  }
  template <int t>
  [[gnu::always_inline]] void zero() {
    asm volatile("tilezero %%tmm%c0" : : "i"(t));
  }
  template <int t, int a, int b>
  [[gnu::always_inline]] void multiply_signed() {
    asm volatile("tdpbssd %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(t), "i"(a), "i"(b));
  }
  template <int t, int a, int b>
  [[gnu::always_inline]] void multiply_unsigned() {
    asm volatile("tdpbusd %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(t), "i"(a), "i"(b));
  }
  template <int t, int a, int b>
  [[gnu::always_inline]] void multiply_bfloats() {
    asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(t), "i"(a), "i"(b));
  }
  [[gnu::always_inline]] void release() { asm volatile("tilerelease"); }
};

}  // namespace
}  // namespace ladder
