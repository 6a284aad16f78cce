#include <filesystem>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "common/corpus.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/shipped.hpp"
#include "common/test_support.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;

TEST_CASE("what comes with the ladder is found in the repository") {
  const EnvironmentVariable data("MICROGPT_LADDER_DATA", nullptr);
  CHECK(data_path("common/data/ssa2018.txt") == LADDER_ROOT "/common/data/ssa2018.txt");
  for (const std::string& path : {shipped_weights_path(), shipped_int4_path(),
                                  shipped_ternary_path(), shipped_golden_path()}) {
    CAPTURE(path);
    CHECK(std::filesystem::is_regular_file(path));
  }
}

TEST_CASE("MICROGPT_LADDER_DATA names another folder") {
  const TemporaryDirectory directory;
  directory.write("common/data/ssa2018.txt", "ada\nbob\n");
  const std::string folder = directory.file("");
  const EnvironmentVariable data("MICROGPT_LADDER_DATA", folder.c_str());
  CHECK(builtin_corpus().rows == std::vector<std::string>{"ada", "bob"});
}

TEST_CASE("where nothing of it is found, a reader is told where it belongs") {
  const TemporaryDirectory directory;
  const std::string folder = directory.file("nowhere");
  const auto complaint = [](const std::string& path) {
    return message_of<Error>([&] { read_file(path); });
  };
  {
    const EnvironmentVariable data("MICROGPT_LADDER_DATA", folder.c_str());
    CHECK_THAT(complaint(shipped_weights_path()),
               ContainsSubstring("belongs in " + folder + ", or"));
    CHECK_THAT(message_of<Error>([] { builtin_corpus(); }), ContainsSubstring("belongs in"));
    CHECK_THAT(complaint(folder + "_else"), EndsWith("check the path"));
  }
  // The repository is there, only this file is not.
  CHECK_THAT(complaint(data_path("common/data/none")), EndsWith("check the path"));
}
