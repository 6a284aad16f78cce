#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <set>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "common/corpus.hpp"
#include "common/error.hpp"
#include "common/sha256.hpp"
#include "common/test_support.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;

namespace {

// A file in place of stdin.
class StandardInput {
 public:
  explicit StandardInput(const char* path) : before_(::dup(STDIN_FILENO)) {
    const int file = ::open(path, O_RDONLY);
    replace(file);
  }
  ~StandardInput() { replace(before_); }
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;

 private:
  static void replace(int file) {
    ::dup2(file, STDIN_FILENO);
    ::close(file);
    // What was read ahead, and the end that was met, belong to the file before.
    std::rewind(stdin);
    std::clearerr(stdin);
  }

  int before_;
};

}  // namespace

TEST_CASE("the built-in corpus is the one its README describes") {
  const Corpus corpus = builtin_corpus();
  CHECK(corpus.sha256 == "a311634f5113663f131a60cd0c76afb8420199991dbd9045773b8a2949ada835");
  CHECK(corpus.rows.size() == 32'178);
  CHECK(std::set<std::string>(corpus.rows.begin(), corpus.rows.end()).size() == 29'619);
  CHECK(corpus.rows.front() == "emma");
  CHECK(corpus.rows.back() == "zzyzx");
  CHECK((corpus.blank == 0 && corpus.lowered == 0));
  CHECK_FALSE(corpus.is_canonical());
}

TEST_CASE(
    "what --data names comes first, then MICROGPT_NAMES, then what comes with the repository") {
  const TemporaryDirectory directory;
  const std::string asked = directory.write("asked.txt", "Asked\n");
  const std::string named = directory.write("named.txt", "named\n");
  {
    const EnvironmentVariable names("MICROGPT_NAMES", named.c_str());
    CHECK(load_corpus(asked).rows == std::vector<std::string>{"asked"});
    CHECK(load_corpus(asked).name == asked);
    CHECK(load_corpus().rows == std::vector<std::string>{"named"});
  }
  for (const char* nothing : {static_cast<const char*>(nullptr), ""}) {
    const EnvironmentVariable names("MICROGPT_NAMES", nothing);
    CHECK(load_corpus().rows.size() > 32'000);  // downloaded or built in
  }
}

TEST_CASE("a corpus that cannot be read is an error that names it, never another corpus") {
  const TemporaryDirectory directory;
  const auto complaint = [](const std::string& path) {
    return message_of<Error>([&] { load_corpus(path); });
  };
  CHECK_THAT(complaint(directory.file("none.txt")), ContainsSubstring("none.txt: no such file"));
  CHECK_THAT(complaint(directory.file("")), ContainsSubstring("is a directory"));
  CHECK_THAT(complaint(directory.write("empty.txt", "")), ContainsSubstring("holds no names"));
  CHECK_THAT(complaint(directory.write("a.txt", "a\xFF\n")), ContainsSubstring("line 1"));

  const std::string missing = directory.file("missing.txt");
  const EnvironmentVariable names("MICROGPT_NAMES", missing.c_str());
  CHECK_THAT(complaint(""),
             ContainsSubstring("missing.txt") && ContainsSubstring("MICROGPT_NAMES"));
}

TEST_CASE("a dash is standard input") {
  const TemporaryDirectory directory;
  {
    const StandardInput input(directory.write("names.txt", "Emma\r\nava\r\n").c_str());
    const Corpus corpus = load_corpus("-");
    CHECK(corpus.rows == std::vector<std::string>{"emma", "ava"});
    CHECK(corpus.name == "standard input");
    CHECK(corpus.sha256 == sha256_hex("Emma\r\nava\r\n"));
  }
  const auto complaint = [](const char* path) {
    const StandardInput input(path);
    return message_of<Error>([] { load_corpus("-"); });
  };
  CHECK_THAT(complaint("/dev/null"), ContainsSubstring("standard input holds no names"));
  CHECK_THAT(complaint("/"), ContainsSubstring("cannot read standard input"));
  CHECK_THAT(complaint(directory.write("a.txt", "a\n\xFF\n").c_str()),
             ContainsSubstring("standard input, line 2"));
  const std::string huge = directory.write("huge.txt", "");
  std::filesystem::resize_file(huge, std::uintmax_t{1} << 40);
  CHECK_THAT(complaint(huge.c_str()), ContainsSubstring("larger than 256 MiB"));
}

TEST_CASE("a file of many gigabytes is refused and not read") {
  const TemporaryDirectory directory;
  const std::string path = directory.write("huge.txt", "");
  std::filesystem::resize_file(path, std::uintmax_t{1} << 40);  // all holes, no disk
  CHECK_THAT(message_of<Error>([&] { load_corpus(path); }),
             ContainsSubstring("larger than 256 MiB"));
}

TEST_CASE("the canonical corpus is known by its bytes") {
  const Corpus corpus = load_corpus();
  if (!corpus.is_canonical()) SKIP("needs the canonical names.txt; set MICROGPT_NAMES to it");
  CHECK(corpus.rows.size() == 32'033);
  CHECK(corpus.rows.front() == "emma");
  CHECK_THAT(describe(corpus), ContainsSubstring("canonical "));
}
