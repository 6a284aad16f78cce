// Any bytes at all as a corpus: an Error, or names that keep the promises of corpus.hpp.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>

#include "common/corpus.hpp"
#include "common/error.hpp"
#include "common/fuzz/promise.hpp"
#include "common/terminal.hpp"
#include "common/tokenizer.hpp"
#include "common/utf8.hpp"

using namespace ladder;

namespace {

void check_row(const std::string& row) {
  require(!row.empty(), "no row is empty");
  const auto symbols = decode_utf8(row);
  require(symbols.has_value(), "a row is UTF-8");
  require(!is_invisible(symbols->front()) && !is_invisible(symbols->back()),
          "a row begins and ends with something that shows");
  require(to_nfc(*symbols) == *symbols, "a row is in normal form C");
  for (const char32_t c : *symbols) {
    require(to_lower(c) == c, "a row has no capitals");
    require(c >= 0x20, "a row has no control characters");
  }
  require(tidy_name(row) == row, "a row typed as a name is itself");
  require(display_width(shortened(row, 5)) <= 5, "a row can be cut to fit");
}

void check_described(const Corpus& corpus) {
  std::istringstream lines("corpus  " + describe(corpus));
  std::string line;
  while (std::getline(lines, line)) require(display_width(line) <= 80, "a description fits");
}

void check_tokens(const Corpus& corpus) {
  try {
    const Tokenizer tokenizer(corpus.rows);
    for (const std::string& row : corpus.rows) {
      require(tokenizer.decode(tokenizer.encode(row)) == row, "tokens decode to the row");
    }
    for (int token = 0; token < tokenizer.vocab_size(); ++token) {
      require(display_width(tokenizer.symbol(token)) <= 2, "a symbol fits its cell");
    }
  } catch (const Error&) {
    // more than 255 symbols
  }
}

void check_shortened(Corpus corpus) {
  const std::size_t rows = corpus.rows.size();
  try {
    drop_longer_than(corpus, 3);
    require(corpus.rows.size() + corpus.too_long == rows, "every dropped row is counted");
  } catch (const Error&) {
    // no row is left
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Corpus corpus;
  try {
    corpus = parse_corpus({reinterpret_cast<const char*>(data), size}, "fuzz");
  } catch (const Error&) {
    return 0;
  }
  std::string lines;
  for (const std::string& row : corpus.rows) {
    check_row(row);
    lines += row + "\n";
  }
  const Corpus again = parse_corpus(lines, "again");
  require(again.rows == corpus.rows, "what was read and written is read the same");
  require(again.blank + again.trimmed + again.normalised + again.lowered == 0,
          "what was tidied needs no tidying");
  check_described(corpus);
  check_tokens(corpus);
  check_shortened(corpus);
  return 0;
}
