#pragma once
/// \file
/// Stage 06's tape as the judge of a gradient, in double.

#include "08_hardware/cuda/training/gpt_numbers.hpp"

namespace ladder::gpu {

/// Loss and gradient of the model by the tape.
struct TapeGradient {
  double loss;           ///< mean of the batch
  ModelNumbers numbers;  ///< in the order of Gpt::parameters()
};

/// Of this batch.
TapeGradient gradient_by_tape(Gpt& gpt, Batch names);

/// Of each matrix the largest |mine - expected| as a part of its largest |expected|, and of those
/// the largest; NaN if there is one. (What learns nothing from a batch, as queries and keys from
/// one position, has a gradient of rounding errors: that is held against the largest of all.)
double largest_relative(Gpt& gpt, const ModelNumbers& mine, const ModelNumbers& expected);

/// Has a trainer with this model's numbers make a step. \returns the larger of the error of its
/// loss and largest_relative() of its gradient
double largest_gradient_error(StepTrainer& trainer, Gpt& gpt, Batch names);

}  // namespace ladder::gpu
