#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "common/corpus.hpp"
#include "common/error.hpp"
#include "common/sha256.hpp"
#include "common/test_support.hpp"

using namespace ladder;
using namespace std::string_literals;
using Catch::Matchers::ContainsSubstring;
using Rows = std::vector<std::string>;

namespace {

Corpus parse(const std::string& bytes) { return parse_corpus(bytes, "names.txt"); }

std::string complaint(const std::string& bytes) {
  return message_of<Error>([&] { parse(bytes); });
}

}  // namespace

TEST_CASE("one name a line, in the file's order, duplicates kept") {
  const Corpus corpus = parse("emma\nolivia\nemma\n");
  CHECK(corpus.rows == Rows{"emma", "olivia", "emma"});
  CHECK(corpus.name == "names.txt");
  CHECK(corpus.sha256 == sha256_hex("emma\nolivia\nemma\n"));
  CHECK((corpus.blank == 0 && corpus.lowered == 0 && corpus.too_long == 0));
}

TEST_CASE("lines end as on any system, the last one with or without an end") {
  const Rows expected = {"emma", "olivia"};
  for (const char* bytes : {"emma\nolivia", "emma\nolivia\n", "emma\r\nolivia\r\n", "emma\rolivia",
                            "emma\r\nolivia", "emma\nolivia\r\n"}) {
    CAPTURE(bytes);
    CHECK(parse(bytes).rows == expected);
    CHECK(parse(bytes).blank == 0);
  }
}

TEST_CASE("a byte order mark is no letter") {
  const Corpus corpus = parse(
      "\xEF\xBB\xBF"
      "emma\nava\n");
  CHECK(corpus.rows == Rows{"emma", "ava"});
  CHECK(corpus.sha256 == sha256_hex("\xEF\xBB\xBF"
                                    "emma\nava\n"));  // of the file as it is
  CHECK(parse("emma\n\xEF\xBB\xBF"
              "ava\n")
            .rows == Rows{"emma", "ava"});  // two files joined
}

TEST_CASE("blank lines are skipped and counted") {
  const Corpus corpus = parse("\n\nemma\n \t \n\r\nava\n\n");
  CHECK(corpus.rows == Rows{"emma", "ava"});
  CHECK(corpus.blank == 5);
}

TEST_CASE("spaces around a name go, spaces within it stay") {
  const Corpus corpus = parse("  emma\t\n\xC2\xA0mary ann\xE3\x80\x80\n o'neil-smith \r\n");
  CHECK(corpus.rows == Rows{"emma", "mary ann", "o'neil-smith"});
}

TEST_CASE("capitals become small letters, with their accents, and the rows are counted") {
  const Corpus corpus = parse("Emma\nÉLODIE\nŁukasz\nΆΝΝΑ\nОЛЬГА\nemma\nß\n");
  CHECK(corpus.rows == Rows{"emma", "élodie", "łukasz", "άννα", "ольга", "emma", "ß"});
  CHECK(corpus.lowered == 5);
}

TEST_CASE("letters of any alphabet are symbols") {
  CHECK(parse("小林\nمحمد\nआरव\n").rows == Rows{"小林", "محمد", "आरव"});
}

TEST_CASE("what is not text is refused, and the line is named") {
  CHECK_THAT(complaint("emma\nav\0a\n"s), ContainsSubstring("names.txt, line 2: a NUL byte"));
  CHECK_THAT(complaint("emma\n\nad\xE9le\n"), ContainsSubstring("line 3: not valid UTF-8"));
  CHECK_THAT(complaint("\xFF\xFE"
                       "e\0m\0"s),
             ContainsSubstring("line 1: "));  // UTF-16
  CHECK_THAT(complaint("emma\r\nava\r\nmia\t7\r\n"), ContainsSubstring("line 3: a tab"));
  CHECK_THAT(complaint("emma\x1B[2J\n"), ContainsSubstring("control character"));
  CHECK_THAT(complaint("emma\xC2\x9B"
                       "2J\n"),
             ContainsSubstring("control character"));
  CHECK_THAT(complaint("emma\x7F\n"), ContainsSubstring("control character"));
}

TEST_CASE("a file without a name is refused") {
  for (const char* bytes : {"", "\n", "\r\n \n", "\xEF\xBB\xBF", "\xEF\xBB\xBF\r\n"}) {
    CHECK_THAT(complaint(bytes), ContainsSubstring("holds no names"));
  }
}

TEST_CASE("a line of a MiB is a name, a longer one another kind of file") {
  const std::size_t mib = std::size_t{1} << 20;
  CHECK(parse(std::string(mib, 'a')).rows.front().size() == mib);
  CHECK_THAT(complaint("emma\n" + std::string(mib + 1, 'a')),
             ContainsSubstring("line 2: longer than a MiB"));
  CHECK_THAT(complaint(std::string(200 * mib, 'a')), ContainsSubstring("line 1: longer"));
}

TEST_CASE("a million lines are read") {
  std::string bytes;
  for (int i = 0; i < 1'000'000; ++i) bytes += "emma\n";
  CHECK(parse(bytes).rows.size() == 1'000'000);
}

TEST_CASE("rows that a model cannot read are dropped and counted, in letters and not in bytes") {
  Corpus corpus = parse("abc\nabcd\néééé\nééé\nabcde\n");
  drop_longer_than(corpus, 3);
  CHECK(corpus.rows == Rows{"abc", "ééé"});
  CHECK(corpus.too_long == 3);
  drop_longer_than(corpus, 3);
  CHECK(corpus.too_long == 3);
  CHECK_THAT(message_of<Error>([&] { drop_longer_than(corpus, 2); }),
             ContainsSubstring("more than 2 letters"));
}

TEST_CASE("describe() says what was read and what was changed") {
  Corpus corpus = parse("Emma\nava\nEMMA\n\nalexandria\n");
  drop_longer_than(corpus, 5);
  const std::string text = describe(corpus);
  for (const char* part : {"names.txt: 3 names, 2 different", "1 blank line skipped",
                           "2 rows put into lower case", "1 row skipped as too long"}) {
    CHECK_THAT(text, ContainsSubstring(part));
  }
  CHECK_THAT(text, ContainsSubstring("sha256 " + corpus.sha256.substr(0, 8)));
  CHECK_THAT(describe(parse("a\n")),
             !ContainsSubstring("blank") && !ContainsSubstring("canonical"));
}
