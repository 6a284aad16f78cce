#pragma once
/// \file
/// The kernels of the module: width 16, WebAssembly's vectors of four floats.

#include "09_fast_training/fast/kernels.hpp"

namespace ladder {

/// Of microgpt.py's variant, and no other.
const Kernels<float>& simd128_float();

}  // namespace ladder
