#include <sstream>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "common/corpus.hpp"
#include "common/error.hpp"
#include "common/sha256.hpp"
#include "common/terminal.hpp"
#include "common/test_support.hpp"

using namespace ladder;
using namespace std::string_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
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

TEST_CASE(
    "marks that show as nothing around a name go, within it they stay, and rows are counted") {
  const Corpus corpus = parse(
      "emma\nemma\u200E\n\u200Bemma\n\u00ADemma \u2060\n\u3000emma\uFE0F\uFEFF\nem\u200Dma\n"
      "\u202Eemma\u202C\n\u200E\n  emma\n");
  CHECK(corpus.rows == Rows{"emma", "emma", "emma", "emma", "emma", "em\u200Dma", "emma", "emma"});
  CHECK(corpus.trimmed == 5);  // spaces are no marks
  CHECK(corpus.blank == 1);
  // The mark at the beginning of a file belongs to no row.
  CHECK(parse("\uFEFFemma\n").trimmed == 0);
}

TEST_CASE("a name with a mark behind it is no other name") {
  std::string bytes;
  for (const char* mark : {"", "\u200E"}) {
    for (const char* name : {"emma", "olivia", "ava", "mia", "noah", "liam"}) {
      bytes += name + std::string(mark) + "\n";
    }
  }
  CHECK_THAT(describe(parse(bytes)), ContainsSubstring("12 names, 6 different") &&
                                         ContainsSubstring("6 rows trimmed of invisible marks"));
}

TEST_CASE("names are the same whether their accents are composed or not") {
  const Corpus corpus = parse(
      "zo\u00EB\nfran\u00E7ois\nzoe\u0308\nfranc\u0327ois\nZOE\u0308\nI\u0307\u0301da\n\u0130\u0301"
      "da\n");
  CHECK(corpus.rows == Rows{"zo\u00EB", "fran\u00E7ois", "zo\u00EB", "fran\u00E7ois", "zo\u00EB",
                            "\u00EDda", "\u00EDda"});
  CHECK(corpus.normalised == 4);
  CHECK(corpus.lowered == 3);
  CHECK_THAT(describe(corpus), ContainsSubstring("4 rows with accents composed"));
}

TEST_CASE("a typed name becomes what stands in a corpus, and its faults are named") {
  CHECK(tidy_name(" \u200EEMMA\u200E ") == "emma");
  CHECK(tidy_name("Zoe\u0308") == "zo\u00EB");
  CHECK(tidy_name("mary ann") == "mary ann");
  CHECK(tidy_name("") == "");
  CHECK(tidy_name(" \t\u200B") == "");
  const auto fault = [](const std::string& text) {
    return message_of<Error>([&] { tidy_name(text); });
  };
  CHECK_THAT(fault("ad\xE9le"), ContainsSubstring("'ad�le': not valid UTF-8"));
  CHECK_THAT(fault("em\nma"), ContainsSubstring("control character") && !ContainsSubstring("\n"));
  CHECK_THAT(fault("em\0ma"s), ContainsSubstring("a NUL byte"));
  const std::string long_fault = fault(std::string((std::size_t{1} << 20) + 1, 'a'));
  CHECK_THAT(long_fault, ContainsSubstring("longer than a MiB"));
  CHECK(long_fault.size() < 120);
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

TEST_CASE("describe() fits 80 columns behind its heading, a long path stands whole on a line") {
  const auto check = [](const Corpus& corpus, std::size_t first_width) {
    std::istringstream lines("corpus  " + describe(corpus));
    std::string line;
    for (std::size_t number = 0; std::getline(lines, line); ++number) {
      CAPTURE(line);
      CHECK(display_width(line) <= (number == 0 ? first_width : 80));
      if (number > 0) CHECK((line.starts_with("        ") && line[8] != ' '));
    }
  };
  Corpus corpus = parse("Emma\nava\u200E\nzoe\u0308\n\nalexandria\n");
  drop_longer_than(corpus, 5);
  for (const char* name : {"names.txt", "/a/path/of/forty/letters/to/some/names.txt",
                           "/名前/の/長い/道/を/行けば/そこに/ある/ファイル.txt"}) {
    corpus.name = name;
    check(corpus, 80);
  }
  const std::string path = "/a path/" + std::string(90, 'x') + "/names.txt";
  corpus.name = path;
  check(corpus, 8 + path.size() + 1);
  CHECK_THAT(describe(corpus), StartsWith(path + ":\n        3 names"));
  corpus.name = "a\nb";
  CHECK_THAT(describe(corpus), StartsWith("a�b: 3 names"));
}
