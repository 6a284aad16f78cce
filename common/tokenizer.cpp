#include "common/tokenizer.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "common/error.hpp"
#include "common/terminal.hpp"
#include "common/utf8.hpp"

namespace ladder {

Tokenizer::Tokenizer(const std::vector<std::string>& rows) {
  std::set<char32_t> letters;
  for (const std::string& row : rows) {
    const auto symbols = decode_utf8(row);
    if (!symbols) throw Error(fmt::format("'{}' is not valid UTF-8", printable(row)));
    letters.insert(symbols->begin(), symbols->end());
  }
  if (letters.size() > 255) {
    throw Error(
        fmt::format("the corpus has {} different symbols and 255 is the most; is it a list "
                    "of names in one alphabet?",
                    letters.size()));
  }
  letters_.assign(letters.begin(), letters.end());
}

Tokenizer Tokenizer::canonical() { return Tokenizer({"abcdefghijklmnopqrstuvwxyz"}); }

Tokens Tokenizer::encode(std::string_view name) const {
  const auto symbols = decode_utf8(name);
  if (!symbols) throw Error(fmt::format("'{}' is not valid UTF-8", printable(name)));
  Tokens tokens;
  tokens.reserve(symbols->size());
  for (const char32_t c : *symbols) {
    const auto place = std::lower_bound(letters_.begin(), letters_.end(), c);
    if (place == letters_.end() || *place != c) {
      throw Error(fmt::format("{} in '{}' is not a letter of this alphabet ({})", name_of_letter(c),
                              shortened(printable(name), 40),
                              shortened(encode_utf8(letters_), 60)));
    }
    tokens.push_back(static_cast<int>(place - letters_.begin()));
  }
  return tokens;
}

std::vector<Tokens> Tokenizer::encode_all(const std::vector<std::string>& rows) const {
  std::vector<Tokens> names;
  names.reserve(rows.size());
  for (const std::string& row : rows) names.push_back(encode(row));
  return names;
}

std::string Tokenizer::decode(std::span<const int> tokens) const {
  std::u32string symbols;
  for (const int token : tokens) symbols.push_back(letters_.at(static_cast<std::size_t>(token)));
  return encode_utf8(symbols);
}

std::string Tokenizer::symbol(int token) const {
  if (token == bos()) return "·";
  const char32_t letter = letters_.at(static_cast<std::size_t>(token));
  if (is_invisible(letter)) return "␣";
  const std::string text = encode_utf8({&letter, 1});
  // A symbol has two columns at most; the tone marks of old Hangul take both.
  return is_combining(letter) && column_width(letter) < 2 ? "◌" + text : text;
}

}  // namespace ladder
