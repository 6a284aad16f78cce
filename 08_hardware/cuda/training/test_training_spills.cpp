// As test_spills.cpp, of the kernels of training; their operations are functions of the persistent
// one, which ptxas reports by themselves.
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include <catch2/catch_test_macros.hpp>

namespace fs = std::filesystem;

namespace {

// Lines of ptxas that tell of a spill.
int count_spills(const std::string& text) {
  static const std::regex spill("[1-9][0-9]* bytes spill (stores|loads)");
  int spills = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) spills += std::regex_search(line, spill);
  return spills;
}

}  // namespace

TEST_CASE("training: a spill is seen in what ptxas says, in a kernel or a function of it") {
  CHECK(count_spills("    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\n") == 0);
  CHECK(count_spills("    696 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\n") ==
        0);
  CHECK(count_spills("    8 bytes stack frame, 20 bytes spill stores, 92 bytes spill loads\n"
                     "    0 bytes stack frame, 0 bytes spill stores, 4 bytes spill loads\n") == 2);
}

TEST_CASE("training: no kernel spills a register, on any architecture", "[hardware]") {
#if !defined(LADDER_TRAINING_PTXAS)
  SKIP("no nvcc compiled anything in this build");
#else
  int files = 0;
  for (const auto& file : fs::recursive_directory_iterator(LADDER_TRAINING_PTXAS)) {
    if (file.path().extension() != ".ptxas") continue;
    ++files;
    std::ostringstream text;
    text << std::ifstream(file.path()).rdbuf();
    CAPTURE(file.path());
    CHECK(text.str().find("persistent_training") != std::string::npos);
    CHECK(text.str().find("training_operation") != std::string::npos);
    CHECK(text.str().find("bytes spill stores") != std::string::npos);
    CHECK(count_spills(text.str()) == 0);
  }
  CHECK(files == 1);
#endif
}
