#pragma once
/// \file
/// What the tests of this rung share: the shipped weights and what they are judged by.

#include <fstream>

#include <nlohmann/json.hpp>

#include "07_fast_inference/engine.hpp"
#include "common/corpus.hpp"
#include "common/tokenizer.hpp"

namespace ladder {

inline MicroGpt shipped_model() {
  return read_model(load_weights(LADDER_ROOT "/common/data/microgpt.safetensors"));
}

/// Largest |logit - golden logit| over all golden names, fed letter by letter.
inline double largest_golden_error(Engine& engine) {
  std::ifstream file(LADDER_ROOT "/common/data/microgpt_golden.json");
  const auto golden = nlohmann::json::parse(file);
  double largest = 0;
  for (const auto& entry : golden.at("names")) {
    const Tokens name = Tokenizer::canonical().encode(entry.at("name").get<std::string>());
    int token = bos_token;
    for (std::size_t t = 0; t < entry.at("logits").size(); ++t) {
      const Logits logits = engine.logits(token, static_cast<int>(t));
      for (std::size_t i = 0; i < vocab_size; ++i) {
        const double expected = entry["logits"][t][i];
        largest = std::max(largest, std::abs(static_cast<double>(logits[i]) - expected));
      }
      if (t < name.size()) token = name[t];
    }
  }
  return largest;
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
