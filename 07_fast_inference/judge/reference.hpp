#pragma once
/// \file
/// What engines are judged by: the model once more in double precision and in the plainest loops,
/// and the golden file, which another program wrote (CPython, checked against stage 06).
///
/// The room of the judge may include model/ and common/, and nothing else: no Eigen, no tape, no
/// test framework. So a cross-compiled binary, a WebAssembly module, nvcc's host build and a
/// simulated chip are judged by this same code.

#include <array>
#include <functional>
#include <span>
#include <string>

#include "07_fast_inference/model/engine.hpp"
#include "common/tokenizer.hpp"

namespace ladder {

/// One stream of the model, number by number as microgpt.py writes it, with a KV cache. Every fp32
/// engine is held to within 1e-4 of its logits. (A test holds it to stage 06's to 1e-12.)
class Reference {
 public:
  /// Copies the model.
  explicit Reference(const MicroGpt& model) : model_(model) {}

  /// Feeds one token; position 0 begins a name. \returns (vocab_size)
  std::array<double, vocab_size> logits(int token, int position);

  /// What each head looked at when logits() was called last: (n_head, block_size), each row adds up
  /// to 1, and is 0 at positions that do not exist yet.
  using Attention = std::array<std::array<double, block_size>, n_head>;
  /// The weights of that call.
  const Attention& attention() const { return attention_; }

 private:
  using Vector = std::array<double, n_embd>;

  Vector attend(const Vector& query, int position);

  MicroGpt model_;
  std::array<Vector, block_size> keys_, values_;  // the KV cache
  Attention attention_{};
};

/// The reference as an engine: what it writes is what other engines' names are compared with.
class ReferenceEngine : public Engine {
 public:
  /// Copies the model.
  explicit ReferenceEngine(const MicroGpt& model) : reference_(model) {}
  void forward(std::span<const Place> places, std::span<float> logits) override;

 private:
  Reference reference_;
};

/// A model as a judge sees it: feeds the token at a place, tells the logits of the next.
using LogitsOf = std::function<std::array<double, vocab_size>(Place)>;

/// An engine's stream 0 as that.
LogitsOf logits_of(Engine& engine);

/// Largest |engine - reference| over these names, fed letter by letter to the engine's stream 0;
/// NaN if one is.
double largest_error(Engine& engine, const MicroGpt& model, std::span<const Tokens> names);

/// Largest |logit - golden logit| over all names of a golden file (see common/shipped.hpp); NaN if
/// one is. \throws Error if it is none
double largest_golden_error(const LogitsOf& logits, const std::string& path);

/// The same of an engine of the shipped weights, by the shipped file.
double largest_golden_error(Engine& engine);

/// NLL of names under an engine: nats per predicted character, the end included.
double mean_nll(Engine& engine, std::span<const Tokens> names);

/// The same under the reference.
double mean_nll(Reference& reference, std::span<const Tokens> names);

}  // namespace ladder
