#pragma once
/// \file
/// The names that the studies train on.

#include "09_fast_training/model/gpt_parameters.hpp"
#include "common/corpus.hpp"
#include "common/options.hpp"
#include "common/tokenizer.hpp"

namespace ladder {

/// A corpus as numbers.
struct StudyNames {
  Corpus corpus;              ///< names that fit into a block
  Tokenizer tokenizer;        ///< of its letters
  std::vector<Tokens> names;  ///< all rows, in order
};

/// Reads --data.
inline StudyNames read_study_names(const Options& options) {
  Corpus corpus = load_corpus(options.data);
  drop_longer_than(corpus, GptShape::block_size - 1);
  Tokenizer tokenizer(corpus.rows);
  std::vector<Tokens> names = tokenizer.encode_all(corpus.rows);
  return {std::move(corpus), std::move(tokenizer), std::move(names)};
}

}  // namespace ladder
