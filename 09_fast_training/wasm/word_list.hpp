#pragma once
/// \file
/// A list of names from a file of the visitor's: parse_corpus(), drop_longer_than() and Tokenizer
/// (common/) in one, where a fault is a sentence and not an exception.
///
/// What needs Unicode's tables (capitals beyond A–Z, accents to be composed, marks that show as
/// nothing) trainer.mjs has done before: a browser has these tables, and they are 300 KB.

#include <string>
#include <string_view>
#include <vector>

#include "09_fast_training/wasm/sentence.hpp"
#include "common/tokenizer.hpp"

namespace ladder {

/// Names as tokens, and what the tokens mean.
struct WordList {
  std::vector<Tokens> names;  ///< in the file's order, each at most 15 letters
  std::u32string letters;     ///< the alphabet, by code point; a letter's token is its index
  std::size_t too_long = 0;   ///< rows left out for their length
};

/// The largest file that is read; a list of names has some hundred thousand bytes.
inline constexpr std::size_t max_word_list_bytes = std::size_t{16} << 20;

/// Reads a file: its bytes as they are, or tidied by trainer.mjs.
/// \param fault  says what is wrong if something is
/// \returns false then; `words` is as it was
bool parse_words(std::string_view bytes, WordList& words, Sentence& fault);

}  // namespace ladder
