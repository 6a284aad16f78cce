#pragma once
/// \file
/// The judge: the forward pass written as it is defined, in double precision, with nothing clever.

#include <array>
#include <vector>

#include "07_fast_inference/engine.hpp"
#include "common/tokenizer.hpp"

namespace ladder {

/// One stream of the reference model. Every engine is held to within 1e-4 of its logits.
class Reference {
 public:
  explicit Reference(const MicroGpt& model) : model_(model) {}

  /// Feeds one token; position 0 begins a name. \returns (vocab_size)
  std::array<double, vocab_size> logits(int token, int position);

 private:
  using Row = std::array<double, n_embd>;
  MicroGpt model_;
  std::vector<Row> keys_, values_;  // (positions so far, n_embd)
};

/// Largest |engine - reference| over these names, fed letter by letter to the engine's stream 0.
double largest_error(Engine& engine, const MicroGpt& model, std::span<const Tokens> names);

/// NLL of names under an engine: nats per predicted character, the end included.
double mean_nll(Engine& engine, std::span<const Tokens> names);

/// The same under the reference.
double mean_nll(Reference& reference, std::span<const Tokens> names);

}  // namespace ladder
