#pragma once
/// \file
/// What the tests of this stage share: the shipped weights and what they are judged by.

#include <algorithm>
#include <vector>

#include "07_fast_inference/engines.hpp"
#include "07_fast_inference/model/model.hpp"
#include "common/corpus.hpp"
#include "common/random.hpp"
#include "common/shipped.hpp"
#include "common/tokenizer.hpp"

namespace ladder {

/// All engines, and those in vectors at every width that this machine has.
inline const std::vector<EngineKind>& engines_and_widths() {
  static const std::vector<EngineKind> all = [] {
    std::vector<EngineKind> found(all_engines().begin(), all_engines().end());
    found.insert(found.end(), engines_by_width().begin(), engines_by_width().end());
    return found;
  }();
  return all;
}

inline MicroGpt shipped_model() { return read_model(load_weights(shipped_weights_path())); }

/// Weights such as stage 06 trains by default, made up: each gain is another number around 1.
inline Weights weights_with_gains(unsigned seed, float sigma) {
  Weights weights = to_weights(random_model(seed, sigma, true));
  Random random(seed + 1);
  for (const char* name : {"layer0.attn_norm", "layer0.mlp_norm", "final_norm"}) {
    for (float& gain : weights.tensors.at(name).values) {
      gain = static_cast<float>(1 + 0.5 * random.normal());
    }
  }
  return weights;
}

/// Names of the built-in corpus, spread over all of it.
inline std::vector<Tokens> corpus_names(std::size_t count) {
  const Corpus corpus = builtin_corpus();
  const std::size_t step = corpus.rows.size() / count;
  std::vector<Tokens> names;
  for (std::size_t i = 0; i < count; ++i) {
    names.push_back(Tokenizer::canonical().encode(corpus.rows[i * step]));
  }
  return names;
}

}  // namespace ladder
