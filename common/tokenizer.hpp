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

  /// The token after the last letter: 26 on the canonical corpus.
  int bos() const { return static_cast<int>(letters_.size()); }
  /// Letters and BOS: 27 on the canonical corpus.
  int vocab_size() const { return bos() + 1; }
  /// The same alphabet.
  bool operator==(const Tokenizer&) const = default;

  /// A token for each letter, no BOS.
  /// \throws Error naming the letter if one of the name is not in the alphabet.
  Tokens encode(std::string_view name) const;
  /// encode() of each row; \throws Error as it does.
  std::vector<Tokens> encode_all(const std::vector<std::string>& rows) const;

  /// The letters as UTF-8. \throws std::out_of_range if a token is no letter: BOS is none
  std::string decode(std::span<const int> tokens) const;

  /// One letter to be shown: "·" for BOS, "␣" for a space, an accent of its own on a "◌".
  std::string symbol(int token) const;

 private:
  std::u32string letters_;  // sorted; the token of a letter is its index
};

}  // namespace ladder
