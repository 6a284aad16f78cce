#pragma once
/// \file
/// Between the kernels' flat arrays and stage 06's model, which draws weights, writes them, judges.

#include "05_gpt_sgd/gpt.hpp"
#include "08_hardware/cuda/training/trainer.hpp"

namespace ladder::gpu {

/// microGPT's variant with four heads, as the kernels train it.
inline GptConfig trained_config(int width) {
  return {.vocab_size = vocab_size, .n_head = n_head, .gains = false, .n_embd = width};
}

/// Its numbers, rounded to float.
ModelNumbers numbers_of(Gpt& gpt);

/// Its gradient, rounded to float.
ModelNumbers gradient_of(Gpt& gpt);

/// Puts numbers into it.
void set_numbers(Gpt& gpt, const ModelNumbers& numbers);

}  // namespace ladder::gpu
