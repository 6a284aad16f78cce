#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/test_support.hpp"

using namespace ladder;
using namespace std::string_literals;
using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

namespace {

std::string complaint(const std::string& path) {
  return message_of<Error>([&] { write_file(path, "new"); });
}

std::string early_complaint(const std::string& path) {
  return message_of<Error>([&] { check_writable(path); });
}

// An uid without rights for as long as it lives, for root may write anything.
class WithoutRights {
 public:
  WithoutRights() {
    if (::geteuid() == 0 && ::seteuid(65534) != 0) SKIP("cannot give up root's rights");
  }
  ~WithoutRights() {
    if (::getuid() == 0 && ::seteuid(0) != 0) std::abort();
  }
  WithoutRights(const WithoutRights&) = delete;
  WithoutRights& operator=(const WithoutRights&) = delete;
};

}  // namespace

TEST_CASE("bytes come back as they were written, NUL and line ends included") {
  const TemporaryDirectory directory;
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  for (const std::string& bytes : {""s, "a"s, all, "a\r\nb\n"s, std::string(300'000, 'x')}) {
    write_file(directory.file("file"), bytes);
    CHECK(read_file(directory.file("file")) == bytes);
    CHECK(directory.read("file") == bytes);
  }
  CHECK(directory.entries() == 1);  // no temporary file is left
}

TEST_CASE("what cannot be read is an error that says why") {
  const TemporaryDirectory directory;
  const auto read = [](const std::string& path) {
    return message_of<Error>([&] { read_file(path); });
  };
  CHECK_THAT(read(directory.file("none")), ContainsSubstring("no such file"));
  CHECK_THAT(read(directory.write("file", "") + "/below"), ContainsSubstring("no such file"));
  CHECK_THAT(read(directory.file("")), ContainsSubstring("is a directory"));
  CHECK_THAT(read("/dev/zero"), ContainsSubstring("larger than 256 MiB"));
  CHECK_THAT(read(""), ContainsSubstring("no such file"));
  fs::create_symlink("nowhere", directory.file("link"));
  CHECK_THAT(read(directory.file("link")), ContainsSubstring("no such file"));
}

TEST_CASE("an old file is replaced whole and keeps its permissions") {
  const TemporaryDirectory directory;
  const std::string path = directory.write("old", "a long old content");
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  write_file(path, "new");
  CHECK(directory.read("old") == "new");
  CHECK(fs::status(path).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(directory.entries() == 1);
}

TEST_CASE("the old file is replaced and not overwritten: who reads it still sees the old bytes") {
  const TemporaryDirectory directory;
  std::ifstream reader(directory.write("old", "old"));
  write_file(directory.file("old"), "new");
  std::string bytes;
  reader >> bytes;
  CHECK(bytes == "old");
}

TEST_CASE("a link is followed and stays a link") {
  const TemporaryDirectory directory;
  directory.write("below/target", "old");
  fs::create_symlink("below/target", directory.file("link"));
  write_file(directory.file("link"), "new");
  CHECK(fs::is_symlink(directory.file("link")));
  CHECK(directory.read("below/target") == "new");

  fs::create_symlink("below/later", directory.file("dangling"));
  CHECK(early_complaint(directory.file("dangling")).empty());
  write_file(directory.file("dangling"), "new");
  CHECK(fs::is_symlink(directory.file("dangling")));
  CHECK(directory.read("below/later") == "new");
}

TEST_CASE("a directory that is not there, or a directory as the file") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("none/results.json");
  for (const auto& message : {complaint(path), early_complaint(path)}) {
    CHECK_THAT(message, ContainsSubstring("cannot write " + path + ": No such file"));
    CHECK_THAT(message, !ContainsSubstring("tmp:") && !ContainsSubstring("unchanged"));
  }
  CHECK_THAT(complaint(directory.file("")), ContainsSubstring("directory"));
  CHECK_THAT(early_complaint(directory.file("")), ContainsSubstring("directory"));
}

TEST_CASE("a file or directory without the right to write") {
  const TemporaryDirectory directory;
  const std::string file = directory.write("protected", "old");
  fs::permissions(file, fs::perms::owner_read | fs::perms::others_read);
  fs::create_directory(directory.file("closed"));
  fs::permissions(directory.file("closed"), fs::perms::owner_read | fs::perms::owner_exec);
  fs::permissions(directory.file(""), fs::perms::all);
  {
    const WithoutRights somebody;
    for (const auto& path : {file, directory.file("closed/new")}) {
      CHECK_THAT(complaint(path), ContainsSubstring("Permission denied"));
      CHECK_THAT(early_complaint(path), ContainsSubstring("Permission denied"));
    }
    CHECK_THAT(complaint(file), ContainsSubstring("unchanged"));
  }
  CHECK(directory.read("protected") == "old");
  CHECK(directory.entries() == 2);
}

TEST_CASE("a full disk is noticed, even by the last byte") {
  if (!fs::exists("/dev/full")) SKIP("needs the device /dev/full (Linux)");
  CHECK_THAT(complaint("/dev/full"), ContainsSubstring("No space left"));
  CHECK(early_complaint("/dev/full").empty());  // it opens
}

TEST_CASE("a disk that fills up leaves the old file, and no temporary one") {
  const TemporaryDirectory directory;
  const std::string path = directory.write("weights", "old");
  // A limit on the size of files is a full disk that needs no mount.
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto previous = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto message = message_of<Error>([&] { write_file(path, std::string(100'000, 'x')); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, previous);
  CHECK_THAT(message, ContainsSubstring("File too large; the file is unchanged"));
  CHECK(directory.read("weights") == "old");
  CHECK(directory.entries() == 1);
}

TEST_CASE("a pipe or a device is written directly") {
  CHECK(complaint("/dev/null").empty());
  CHECK(early_complaint("/dev/null").empty());
  CHECK(fs::is_character_file("/dev/null"));  // and not replaced by a file
}

TEST_CASE("checking leaves everything as it was") {
  const TemporaryDirectory directory;
  CHECK(early_complaint(directory.file("new")).empty());
  CHECK(directory.entries() == 0);
  CHECK(early_complaint(directory.write("old", "old")).empty());
  CHECK(directory.read("old") == "old");
  CHECK(directory.entries() == 1);
}
