#include <regex>

#include <catch2/catch_test_macros.hpp>

#include "common/machine.hpp"

using namespace ladder;

namespace {

// What the compiler itself says it may use: 1 to 4, as in x86-64-v3.
int level_of_this_build() {
#if defined __AVX512F__ && defined __AVX512BW__ && defined __AVX512VL__
  return 4;
#elif defined __AVX2__ && defined __FMA__
  return 3;
#elif defined __SSE4_2__
  return 2;
#else
  return 1;
#endif
}

}  // namespace

TEST_CASE("the compiler's description names the compiler, its version and the kind of build") {
  const std::string text = compiler_description();
  INFO(text);
#ifdef __clang__
  CHECK(text.starts_with("clang " + std::to_string(__clang_major__) + "."));
#else
  CHECK(text.starts_with("g++ " + std::to_string(__GNUC__) + "."));
#endif
  CHECK(std::regex_search(text, std::regex("[0-9] (Release|Debug|RelWithDebInfo|MinSizeRel)")));
}

#ifdef __x86_64__
TEST_CASE("the compiler's description names the instructions that were really allowed") {
  const std::string text = compiler_description();
  INFO(text);
  std::smatch match;
  if (std::regex_search(text, match, std::regex("-march=x86-64-v([234])"))) {
    CHECK(level_of_this_build() == std::stoi(match[1]));
  } else if (text.find(" -m") == std::string::npos) {
    CHECK(level_of_this_build() == 1);
  } else {
    SUCCEED("-march=native, or a processor by name: any level");
  }
}
#endif
