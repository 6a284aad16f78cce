#pragma once
/// \file
/// The recipes of stage 06.

#include "04_mlp/training.hpp"
#include "06_gpt_adam/adam.hpp"

namespace ladder {

/// The recipe of stage 06, for both models.
inline constexpr TrainingPlan gpt_adam_plan = {
    .steps = 47'000, .batch_size = 32, .lr = 0.01, .seed = 42};

/// For the model with gains, 4,240 parameters.
inline constexpr AdamOptions gpt_adam = {.beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};

/// For microgpt.py's 4,192 parameters: its own betas.
inline constexpr AdamOptions microgpt_adam = {.beta1 = 0.85, .beta2 = 0.99, .epsilon = 1e-8};

}  // namespace ladder
