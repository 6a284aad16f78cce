#pragma once
/// \file
/// Whether this machine has tiles, and lets this process use them.

#include <string>

namespace ladder {

/// Why no tile instruction may be met here; empty if all may. The first call that finds them asks
/// the kernel for permission: tiles are 8 KiB more that it has to save when it changes threads, so
/// Linux gives them only to processes that asked (arch_prctl, ARCH_REQ_XCOMP_PERM). Permission is
/// the process's, and every thread made later has it; the configuration is each thread's own.
/// Source: Linux, Documentation/arch/x86/xstate.rst; Intel SDM volume 1, chapter 18.
std::string no_tiles_because();

/// What a processor must have, and what was found: for tests of the decision.
struct TileFeatures {
  bool is_x86_64 = false,  ///< no other processor has tiles
      tiles = false,       ///< CPUID.7.0:EDX[24], AMX-TILE
      int8 = false,        ///< EDX[25]
      bf16 = false,        ///< EDX[22]
      vectors = false,     ///< AVX-512 F, BW, DQ, VL, VNNI and BF16, for all between the products
      saved = false,       ///< XCR0[18:17]: the operating system saves tiles
      permitted = false;   ///< and has granted them to this process
};

/// As no_tiles_because(), of any machine.
std::string no_tiles_because(const TileFeatures& features);

/// Of this machine.
TileFeatures find_tile_features();

}  // namespace ladder
