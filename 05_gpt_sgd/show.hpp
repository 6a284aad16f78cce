#pragma once
/// \file
/// What a trained GPT shows of itself.

#include "05_gpt_sgd/gpt.hpp"

namespace ladder {

/// Prints for one name what each position looked at, a heat map for each head.
void print_attention(Gpt& gpt, const Tokenizer& tokenizer, const Tokens& name);

}  // namespace ladder
