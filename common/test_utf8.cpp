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
  for (const char32_t c : {0x20, 0x9, 0xB, 0xD, 0x85, 0xA0, 0x1680, 0x2003, 0x2028, 0x3000}) {
    CHECK(is_space(c));
    CHECK(is_invisible(c));
  }
  for (const char32_t c : {0x0, 0x8, 0xE, 0x21, 0x61, 0xE9, 0x3042}) {
    CHECK_FALSE(is_space(c));
    CHECK_FALSE(is_invisible(c));
  }
}

TEST_CASE("marks that show as nothing are told from spaces and from what shows") {
  const std::pair<char32_t, const char*> marks[] = {
      {0xAD, "soft hyphen"},         {0x34F, "combining grapheme joiner"},
      {0x61C, "Arabic letter mark"}, {0x180E, "Mongolian vowel separator"},
      {0x200B, "zero width space"},  {0x200D, "zero width joiner"},
      {0x200E, "left to right"},     {0x202E, "right to left override"},
      {0x2060, "word joiner"},       {0x2069, "pop isolate"},
      {0x2800, "empty Braille"},     {0x3164, "Hangul filler"},
      {0xFE0F, "variation 16"},      {0xFEFF, "byte order mark"},
      {0xFFF9, "annotation"},        {0xE0020, "tag space"},
      {0xE0100, "variation 17"}};
  for (const auto& [c, name] : marks) {
    CAPTURE(name);
    CHECK(is_invisible(c));
    CHECK_FALSE(is_space(c));
  }
  // An accent, an Arabic sign around numbers, a Braille dot, the replacement character, an emoji.
  for (const char32_t c : {0x301, 0x600, 0x6DD, 0x2801, 0xFFFD, 0x1F600})
    CHECK_FALSE(is_invisible(c));
}

TEST_CASE("letters and their accents are composed, in whatever order the accents stand") {
  CHECK(to_nfc(U"") == U"");
  CHECK(to_nfc(U"emma") == U"emma");
  CHECK(to_nfc(U"zoe\u0308") == U"zo\u00EB");
  CHECK(to_nfc(U"\u00EB") == U"\u00EB");
  CHECK(to_nfc(U"s\u0323\u0307") == U"\u1E69");  // ṩ
  CHECK(to_nfc(U"s\u0307\u0323") == U"\u1E69");
  CHECK(to_nfc(U"\u1E0B\u0323") == U"\u1E0D\u0307");  // ḋ with a dot below: there is no such letter
  CHECK(to_nfc(U"q\u0307") == U"q\u0307");
  CHECK(to_nfc(U"\u0301a") == U"\u0301a");            // an accent on nothing
  CHECK(to_nfc(U"\u212B\u2126") == U"\u00C5\u03A9");  // Ångström and ohm are letters
  CHECK(to_nfc(U"\u1112\u1161\u11AB") == U"\uD55C");  // 한
  CHECK(to_nfc(U"\u304B\u3099") == U"\u304C");        // か and its voicing mark
  CHECK(to_nfc(U"\u0958") == U"\u0915\u093C");        // composes to itself no more
  CHECK(to_nfc(U"\uFB01") == U"\uFB01");              // a ligature is no accent
  CHECK(to_nfc(U"a\U0001D15Eb") ==
        U"a\U0001D157\U0001D165"
        U"b");
}

TEST_CASE("normal form and small letters need no second pass, whatever the letters") {
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    for (const std::u32string& text : {std::u32string{c}, std::u32string{c, 0x301}}) {
      std::u32string once = to_nfc(text);
      for (char32_t& letter : once) letter = to_lower(letter);
      once = to_nfc(once);
      std::u32string twice = once;
      for (char32_t& letter : twice) letter = to_lower(letter);
      if (to_nfc(twice) != once) FAIL("U+" << std::hex << static_cast<unsigned>(c));
    }
  }
}

TEST_CASE("a MiB of accents in the wrong order takes no time to speak of") {
  std::u32string accents = U"a";
  for (int i = 0; i < 500'000; ++i) accents += i % 2 == 0 ? U'\u0301' : U'\u0323';
  const std::u32string composed = to_nfc(accents);
  CHECK(composed.front() == U'\u1EA1');  // ạ
  CHECK(composed.size() == 500'000);
  CHECK(composed.back() == U'\u0301');
}

TEST_CASE("accents take no column, Japanese letters two") {
  CHECK(column_width(U'a') == 1);
  CHECK(column_width(U'é') == 1);
  CHECK(column_width(0x301) == 0);
  CHECK(column_width(0x200E) == 0);
  CHECK(column_width(U'さ') == 2);
  CHECK(column_width(U'林') == 2);
  CHECK(column_width(U'😀') == 2);
  CHECK(column_width(U'·') == 1);
}

TEST_CASE("what a message shows is one line") {
  CHECK(printable("zoë さ") == "zoë さ");
  CHECK(printable("a\nb\x1B[2J\x7F") == "a�b�[2J�");
  CHECK(printable("a\u0085\u2028b") == "a��b");
  CHECK(printable("a\xFF\xC3") == "a��");
  CHECK(name_of_letter(U'é') == "'é'");
  CHECK(name_of_letter(U' ') == "' '");
  CHECK(name_of_letter(0x200E) == "U+200E");
  CHECK(name_of_letter(0x301) == "U+0301");
  CHECK(name_of_letter(U'\t') == "U+0009");
  CHECK(name_of_letter(0x3000) == "U+3000");
}
