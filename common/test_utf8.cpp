#include <catch2/catch_test_macros.hpp>

#include "common/random.hpp"
#include "common/utf8.hpp"

using namespace ladder;

TEST_CASE("UTF-8 of one, two, three and four bytes, by the table of RFC 3629") {
  CHECK(decode_utf8("") == U"");
  CHECK(decode_utf8("a\x7F") == std::u32string{U'a', 0x7F});
  CHECK(decode_utf8("\xC2\x80\xDF\xBF") == std::u32string{0x80, 0x7FF});
  CHECK(decode_utf8("\xE0\xA0\x80\xEF\xBF\xBF") == std::u32string{0x800, 0xFFFF});
  CHECK(decode_utf8("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF") == std::u32string{0x10000, 0x10FFFF});
  CHECK(decode_utf8("\xED\x9F\xBF\xEE\x80\x80") == std::u32string{0xD7FF, 0xE000});
  CHECK(decode_utf8(std::string_view("\0", 1)) == std::u32string{0});
  CHECK(encode_utf8(U"aé€😀") == "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
}

TEST_CASE("what is not UTF-8 is refused") {
  const char* bad[] = {
      "\x80",
      "\xBF",  // a continuation without a start
      "\xC0\x80",
      "\xC1\xBF",
      "\xE0\x9F\xBF",  // overlong
      "\xF0\x8F\xBF\xBF",
      "\xE0\x80\xAF",
      "\xF0\x80\x80\xAF",  // overlong
      "\xED\xA0\x80",
      "\xED\xBF\xBF",  // surrogates
      "\xF4\x90\x80\x80",
      "\xF5\x80\x80\x80",
      "\xFE",
      "\xFF",  // past U+10FFFF
      "\xC3",
      "\xE2\x82",
      "\xF0\x9F\x98",
      "\xE2",  // truncated
      "\xC3(",
      "\xE2(\x82",
      "\xE2\x82(",
      "\xF0\x9F\x98(",  // interrupted
      "caf\xE9",
      "\xC3\xC3\xA9",
  };
  for (const std::string bytes : bad) {
    CAPTURE(bytes);
    CHECK_FALSE(decode_utf8(bytes));
    CHECK_FALSE(decode_utf8("a" + bytes));
    CHECK_FALSE(decode_utf8(bytes + "a"));
  }
}

TEST_CASE("random code points survive the round trip, and no prefix of a letter is accepted") {
  Random random(8);
  for (int round = 0; round < 20'000; ++round) {
    auto c = static_cast<char32_t>(random.below(0x110000));
    if (round % 2 == 0) c >>= random.below(14);  // as many short ones as long ones
    if (c >= 0xD800 && c < 0xE000) continue;
    const std::string bytes = encode_utf8({&c, 1});
    CAPTURE(static_cast<unsigned>(c));
    REQUIRE(bytes.size() == (c < 0x80 ? 1u : c < 0x800 ? 2u : c < 0x10000 ? 3u : 4u));
    REQUIRE(decode_utf8(bytes) == std::u32string{c});
    for (std::size_t length = 1; length < bytes.size(); ++length) {
      REQUIRE_FALSE(decode_utf8(bytes.substr(0, length)));
    }
  }
}

TEST_CASE("whatever bytes decode, encode back to themselves") {
  Random random(9);
  int valid = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string bytes;
    for (auto i = random.below(5); i > 0; --i) {
      // Bytes that mean something to UTF-8 come up often enough to form letters.
      bytes += static_cast<char>(random.below(2) == 0 ? 0x80 + random.below(64) : random.bits());
    }
    if (const auto symbols = decode_utf8(bytes)) {
      ++valid;
      REQUIRE(encode_utf8(*symbols) == bytes);
    }
  }
  CHECK(valid > 1000);
}

TEST_CASE("capitals become small letters in every alphabet of the table") {
  const std::pair<std::u32string, std::u32string> alphabets[] = {
      {U"AMZ", U"amz"},
      {U"ÀÉÎÖØÞŸ", U"àéîöøþÿ"},
      {U"ĀĂĄĆČĎĐĒĘĞĢĪĮĶ", U"āăąćčďđēęğģīįķ"},
      {U"ĹĽŁŃŇŊŌŐŒŘŚŞŠŢŤŪŰŲŴŶ", U"ĺľłńňŋōőœřśşšţťūűųŵŷ"},
      {U"ŹŻŽƏƠƯȘȚẞ", U"źżžəơưșțß"},
      {U"ẠẮẶẾỆỐỢỨỸ", U"ạắặếệốợứỹ"},
      {U"ΑΡΣΩΆΈΉΊΌΎΏΪΫ", U"αρσωάέήίόύώϊϋ"},
      {U"АЯЁЂЇЎҐҚӘӀӁ", U"аяёђїўґқәӏӂ"},
      {U"ԱՖ", U"աֆ"},
  };
  for (const auto& [capitals, small] : alphabets) {
    REQUIRE(capitals.size() == small.size());
    for (std::size_t i = 0; i < capitals.size(); ++i) {
      CAPTURE(encode_utf8({&capitals[i], 1}));
      CHECK(to_lower(capitals[i]) == small[i]);
    }
  }
  CHECK(to_lower(U'İ') == U'i');
}

TEST_CASE("what is no capital stays as it is") {
  for (const char32_t c : std::u32string(U"az09-'ßĸŉı×÷ς·あ中א[@`{ـ😀")) {
    CAPTURE(encode_utf8({&c, 1}));
    CHECK(to_lower(c) == c);
  }
  CHECK(to_lower(0x3A2) == 0x3A2);  // not assigned: Σ has two small forms
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (to_lower(to_lower(c)) != to_lower(c)) FAIL("U+" << std::hex << static_cast<unsigned>(c));
  }
}

TEST_CASE("spaces of every width are spaces, letters are not") {
  for (const char32_t c : {0x20, 0x9, 0xB, 0xD, 0x85, 0xA0, 0x2003, 0x200B, 0x3000, 0xFEFF}) {
    CHECK(is_space(c));
  }
  for (const char32_t c : {0x0, 0x8, 0xE, 0x21, 0x61, 0xE9, 0x200D, 0x3042})
    CHECK_FALSE(is_space(c));
}
