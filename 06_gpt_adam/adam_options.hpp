#pragma once
/// \file
/// What Adam is told, by itself: stage 09 has an Adam without matrices.

namespace ladder {

/// How long Adam remembers: m is a mean over about 1/(1 - beta1) steps, v over 1/(1 - beta2).
struct AdamOptions {
  double beta1 = 0.9;     ///< of m, the mean of the gradient; from 0 to below 1
  double beta2 = 0.999;   ///< of v, the mean of its square; from 0 to below 1
  double epsilon = 1e-8;  ///< keeps a step finite where v is 0
};

}  // namespace ladder
