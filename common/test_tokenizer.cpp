#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "common/corpus.hpp"
#include "common/error.hpp"
#include "common/test_support.hpp"
#include "common/tokenizer.hpp"
#include "common/utf8.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("the canonical alphabet: a to z are 0 to 25, BOS is 26") {
  const Tokenizer tokenizer = Tokenizer::canonical();
  CHECK(tokenizer.vocab_size() == 27);
  CHECK(tokenizer.bos() == 26);
  CHECK(tokenizer.encode("az") == Tokens{0, 25});
  CHECK(tokenizer.encode("emma") == Tokens{4, 12, 12, 0});
  CHECK(tokenizer.encode("").empty());
  CHECK(tokenizer.decode(Tokens{4, 12, 12, 0}) == "emma");
  CHECK(tokenizer.symbol(0) == "a");
  CHECK(tokenizer.symbol(25) == "z");
  CHECK(tokenizer.symbol(26) == "·");
  CHECK(Tokenizer(builtin_corpus().rows) == tokenizer);
}

TEST_CASE("an alphabet is the letters that occur, in code point order, whatever the rows' order") {
  const Tokenizer tokenizer({"žb", "ab", "é"});
  CHECK(tokenizer == Tokenizer({"é", "abž"}));
  CHECK_FALSE(tokenizer == Tokenizer::canonical());
  CHECK(tokenizer.vocab_size() == 5);
  CHECK(tokenizer.encode("abéž") == Tokens{0, 1, 2, 3});
  CHECK(tokenizer.decode(Tokens{3, 2}) == "žé");
  CHECK(tokenizer.encode_all({"a", "ž"}) == std::vector<Tokens>{{0}, {3}});
}

TEST_CASE("every name of the built-in corpus comes back from its tokens") {
  const Corpus corpus = builtin_corpus();
  const Tokenizer tokenizer(corpus.rows);
  for (const std::string& row : corpus.rows) {
    if (tokenizer.decode(tokenizer.encode(row)) != row) FAIL(row);
  }
}

TEST_CASE("a letter that is not in the alphabet is named") {
  const Tokenizer tokenizer({"ab"});
  const auto message = [&](const char* name) {
    return message_of<Error>([&] { tokenizer.encode(name); });
  };
  CHECK_THAT(message("abé"), ContainsSubstring("'é' in 'abé'") && ContainsSubstring("(ab)"));
  CHECK_THAT(message("c"), ContainsSubstring("'c'"));  // after the last letter
  CHECK_THAT(message("A"), ContainsSubstring("'A'"));  // before the first one
  CHECK_THAT(message("a\xFF"), ContainsSubstring("UTF-8"));
  CHECK_THAT(message("a\u200E"), ContainsSubstring("U+200E in "));  // what does not show
  CHECK_THAT(message("ab\u0301"), ContainsSubstring("U+0301 in "));
  CHECK_THAT(message("a b"), ContainsSubstring("' ' in 'a b'"));
  CHECK_THAT(message("a\nb"), ContainsSubstring("U+000A in 'a�b'"));
  CHECK(message(std::string(100'000, 'x').c_str()).size() < 200);
  CHECK_THROWS_AS(Tokenizer({"a\xC3"}), Error);
}

TEST_CASE("255 symbols are an alphabet, 256 are not") {
  std::vector<std::string> rows;
  for (char32_t c = 0x4E00; c < 0x4E00 + 255; ++c) rows.push_back(encode_utf8({&c, 1}));
  CHECK(Tokenizer(rows).vocab_size() == 256);
  rows.emplace_back("a");
  const auto message = message_of<Error>([&] { Tokenizer{rows}; });
  CHECK_THAT(message, ContainsSubstring("256 different symbols"));
}

TEST_CASE("a token that is no letter cannot be decoded") {
  const Tokenizer tokenizer({"ab"});
  CHECK_THROWS(tokenizer.decode(Tokens{2}));  // BOS
  CHECK_THROWS(tokenizer.decode(Tokens{-1}));
}

TEST_CASE("a symbol can be seen where it stands alone") {
  const Tokenizer tokenizer({"a \u0301\u200D\u302Eさ"});
  const auto shown = [&](const char* letter) {
    return tokenizer.symbol(tokenizer.encode(letter).front());
  };
  CHECK(shown("a") == "a");
  CHECK(shown("さ") == "さ");
  CHECK(shown(" ") == "␣");
  CHECK(shown("\u200D") == "␣");
  CHECK(shown("\u0301") == "◌\u0301");
  CHECK(shown("\u302E") == "\u302E");  // takes both columns itself
  CHECK(tokenizer.symbol(tokenizer.bos()) == "·");
}
