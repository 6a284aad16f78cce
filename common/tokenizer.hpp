#pragma once
/// \file
/// Letters to numbers and back.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ladder {

/// The letters of one name as numbers, without the BOS that surrounds them.
using Tokens = std::vector<int>;

/// One token for each letter of an alphabet, in code point order (on the canonical corpus a–z are
/// 0–25), and one more, BOS, that both begins and ends a name (26).
class Tokenizer {
 public:
  /// Takes the alphabet from the letters that occur in `rows`.
  /// \throws Error if there are more than 255 different ones.
  explicit Tokenizer(const std::vector<std::string>& rows);

  /// The 27-symbol alphabet of the canonical corpus, which the reference weights speak.
  static Tokenizer canonical();

  int bos() const { return static_cast<int>(letters_.size()); }
  int vocab_size() const { return bos() + 1; }
  bool operator==(const Tokenizer&) const = default;

  /// \throws Error naming the letter if one of the name is not in the alphabet.
  Tokens encode(std::string_view name) const;
  std::vector<Tokens> encode_all(const std::vector<std::string>& rows) const;

  std::string decode(std::span<const int> tokens) const;

  /// One letter to be shown: "·" for BOS, "␣" for a space, an accent of its own on a "◌".
  std::string symbol(int token) const;

 private:
  std::u32string letters_;  // sorted; the token of a letter is its index
};

}  // namespace ladder
