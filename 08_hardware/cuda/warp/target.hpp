#pragma once
/// \file
/// One source, two compilers: what nvcc wants said of a function, and g++ does not know.

#if defined(__CUDACC__)
/// Runs on the device, compiled by nvcc; elsewhere an ordinary function.
#define LADDER_DEVICE __device__ __forceinline__
/// Runs on both.
#define LADDER_HOST_DEVICE __host__ __device__
/// Every round of the next loop is written out, so that arrays it indexes can live in registers.
#define LADDER_UNROLL _Pragma("unroll")
#else
#define LADDER_DEVICE
#define LADDER_HOST_DEVICE
#define LADDER_UNROLL
#endif

namespace ladder::gpu {

/// Threads that the device leads in lockstep.
inline constexpr int warp_lanes = 32;

/// What an instruction is issued for: the columns of the table of utilisation. A device knows
/// nothing of it.
enum class Part { matrices, attention, norms, draw, count };

}  // namespace ladder::gpu
