// The instructions were run on an emulated machine: the committed result is of these sources.
#include <algorithm>
#include <filesystem>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "common/files.hpp"
#include "common/sha256.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;

namespace {

// All that the emulated program was compiled of in this directory, in the order of their names.
std::string sources() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(LADDER_ROOT "/08_hardware/amx")) {
    const std::string name = entry.path().filename().string();
    const bool not_run = name == "test_emulation.cpp" || name == "test_program.cpp" ||
                         name == "main.cpp" || name.starts_with("engines.") ||
                         name.starts_with("breakdown.");
    if (!not_run && (name.ends_with(".cpp") || name.ends_with(".hpp"))) {
      paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  std::string all;
  for (const std::string& path : paths) all += read_file(path);
  return all;
}

}  // namespace

TEST_CASE("amx: the instructions passed their tests on Bochs, in the sources as they are") {
  const std::string result = read_file(LADDER_ROOT "/08_hardware/amx/emulated.txt");
  CHECK_THAT(result, ContainsSubstring("Bochs") && ContainsSubstring("\nexit status 0\n"));
  // If not: scripts/emulate_amx.sh, which writes that file, is to be run again.
  CHECK_THAT(result, ContainsSubstring("sources " + sha256_hex(sources()) + "\n"));
  for (const char* test : {"amx: the instructions give the model's bits",
                           "amx: the instructions write the model's names"}) {
    CHECK_THAT(result, ContainsSubstring(std::string("s: ") + test + "\n"));
  }
}
