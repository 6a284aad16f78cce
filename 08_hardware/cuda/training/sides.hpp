#pragma once
/// \file
/// Which side of the machine a function is for. The operations of training are compiled three
/// times: into kernels, for the host that launches them, and for the blocks that it emulates.

#include "08_hardware/cuda/warp/target.hpp"

#if defined(__CUDACC__)
/// Before a template for both sides that calls whatever its argument is for: nvcc need not warn
/// that it calls a function for one of them.
#define LADDER_ANY_SIDE _Pragma("nv_exec_check_disable")
#else
#define LADDER_ANY_SIDE
#endif

namespace ladder::gpu {

/// Threads of every block that trains: four warps.
inline constexpr int block_threads = 128;

/// How many pieces of `piece` cover `count`.
LADDER_HOST_DEVICE constexpr int pieces_of(int count, int piece) {
  return (count + piece - 1) / piece;
}

}  // namespace ladder::gpu
