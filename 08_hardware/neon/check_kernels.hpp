#pragma once
/// \file
/// Training's inner loops beside the same sums in double precision.

namespace ladder::neon {

/// Prints a line for each kernel and shape: the largest error, in units of what single precision
/// can be off by (2^-24 times the sum of the products' sizes, times the number of additions).
/// \throws Error naming the first one that is off by more than one such unit, or fast_exp() if it
/// is off by more than fast_exp_error
void check_kernels();

}  // namespace ladder::neon
