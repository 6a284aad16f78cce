#pragma once
/// \file
/// What the engines are judged by: stage 06's forward pass in double precision, and the golden file
/// that was written with it.

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "06_gpt_adam/gpt_weights.hpp"
#include "07_fast_inference/engine.hpp"
#include "common/tokenizer.hpp"

namespace ladder {

/// One stream of stage 06's model. Every fp32 engine is held to within 1e-4 of its logits.
class Reference {
 public:
  explicit Reference(const MicroGpt& model);
  Reference(const Reference&) = delete;
  Reference& operator=(const Reference&) = delete;

  /// Feeds one token; position 0 begins a name. \returns (vocab_size)
  std::array<double, vocab_size> logits(int token, int position);

 private:
  Gpt gpt_;
  NextLogits next_logits_;
  Tokens name_;  // so far
};

/// A model as a judge sees it: feeds the token at a place, tells the logits of the next.
using LogitsOf = std::function<std::array<double, vocab_size>(Place)>;

/// An engine's stream 0 as that.
LogitsOf logits_of(Engine& engine);

/// Largest |engine - reference| over these names, fed letter by letter to the engine's stream 0;
/// NaN if one is.
double largest_error(Engine& engine, const MicroGpt& model, std::span<const Tokens> names);

/// Largest |logit - golden logit| over all names of a golden file (see gpt_weights.hpp); NaN if one
/// is. \throws Error if it is none
double largest_golden_error(const LogitsOf& logits, const std::string& path);

/// The same of an engine of the shipped weights, by the shipped file.
double largest_golden_error(Engine& engine);

/// NLL of names under an engine: nats per predicted character, the end included.
double mean_nll(Engine& engine, std::span<const Tokens> names);

/// The same under the reference.
double mean_nll(Reference& reference, std::span<const Tokens> names);

}  // namespace ladder
