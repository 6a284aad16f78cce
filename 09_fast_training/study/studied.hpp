#pragma once
/// \file
/// The engine as it once was, and as it was tried: a program of width 16 for each set of switches
/// (variant.hpp), in each kind of vectors. No containers: see kernels.hpp.

#include "09_fast_training/fast/kernels.hpp"

namespace ladder {

/// The studied programs, as an index into `studied`.
enum class Studied : std::size_t {
  in_memory,    ///< all switches off: vectors and batch-wide loops, but no other idea
  registers,    ///< and so each of these adds one idea to the one before …
  fused_qkv,    ///< queries, keys and values in one product
  fused_relu,   ///< ReLU at the end of its product
  fast_exp,     ///< a polynomial
  fast_adam,    ///< … until all are there: the engine that trains
  skip_zeros,   ///< in_memory, without the products with 0
  library_exp,  ///< the engine with the library's exp
  split_adam,   ///< the engine with three passes of Adam
  tall_tiles    ///< the engine with tiles twice as tall
};

/// Their switches, in that order.
inline constexpr Variant studied[] = {
    {.registers = false,
     .fused_qkv = false,
     .fused_relu = false,
     .fast_exp = false,
     .fast_adam = false},
    {.fused_qkv = false, .fused_relu = false, .fast_exp = false, .fast_adam = false},
    {.fused_relu = false, .fast_exp = false, .fast_adam = false},
    {.fast_exp = false, .fast_adam = false},
    {.fast_adam = false},
    {},
    {.registers = false,
     .fused_qkv = false,
     .fused_relu = false,
     .fast_exp = false,
     .fast_adam = false,
     .skip_zeros = true},
    {.fast_exp = false},
    {.split_adam = true},
    {.tall_tiles = true},
};

/// The kernels of `studied[index]`, one file for each kind of vectors (kernels.hpp).
const Kernels<float>& studied_plain_vectors(std::size_t index);
#if defined(__x86_64__)
const Kernels<float>& studied_avx2(std::size_t index);    ///< needs AVX2 and FMA
const Kernels<float>& studied_avx512(std::size_t index);  ///< needs AVX-512 F, BW, DQ, VL
#endif

}  // namespace ladder
