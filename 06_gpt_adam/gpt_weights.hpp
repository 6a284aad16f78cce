#pragma once
/// \file
/// A trained GPT in a file, and the logits by which every engine is judged.

#include <string>
#include <vector>

#include "05_gpt_sgd/gpt.hpp"
#include "common/safetensors.hpp"

namespace ladder {

/// The model's numbers, rounded to float, under microgpt.py's names. The metadata says n_head and
/// whether there are gains; the alphabet's size is the height of wte.
Weights to_weights(Gpt& gpt);

/// The model in these weights.
/// \throws Error if a tensor is missing or has another shape than a GPT of the ladder
Gpt gpt_from_weights(const Weights& weights);

/// Names that reach every letter, every position and both ends of the block.
std::vector<std::string> golden_names();

/// \throws Error if this is not the canonical alphabet, the only one there are golden logits for.
void check_golden_alphabet(const Tokenizer& tokenizer);

/// Writes {"names": [{"name", "logits": [[…]]}]}: for BOS and each letter of each golden name, fed
/// in turn (teacher forcing), the logits of what comes next, (T, 27), calculated in double
/// precision. The model speaks the canonical alphabet (check_golden_alphabet()).
void write_golden_logits(const std::string& path, Gpt& gpt);

}  // namespace ladder
