// The program from outside.
#include <sstream>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "common/files.hpp"
#include "common/run_program.hpp"
#include "common/terminal.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string output(const std::vector<std::string>& arguments) {
  const Run result = run_built("08_fpga", arguments);
  CHECK(result.err == "");
  REQUIRE(result.status == 0);
  std::istringstream lines(result.out);
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK((display_width(line) <= 80 || line.find('/') != std::string::npos));
  }
  return result.out;
}

}  // namespace

TEST_CASE("the chip writes the names that the model in C++ writes") {
  const std::vector<std::string> ask = {"--samples", "6", "--quiet", "--engine"};
  const auto names_of = [&](const std::string& engine) {
    auto arguments = ask;
    arguments.push_back(engine);
    return output(arguments);
  };
  CHECK(names_of("chip") == names_of("q4_12"));
  CHECK_THAT(output({"--start", "ma", "--samples", "1", "--engine", "chip"}),
             ContainsSubstring("ma"));
}

TEST_CASE("the report counts cycles and shows names of both") {
  const std::string text = output({"--cycles", "--samples", "4"});
  CHECK_THAT(text, ContainsSubstring("every token took 129 cycles"));
  CHECK_THAT(text, ContainsSubstring("every token took 36 cycles"));
  CHECK_THAT(text, ContainsSubstring("the same names"));
}

TEST_CASE("a trace of all signals is written on request") {
  const TemporaryDirectory directory;
  const std::string file = directory.file("chip.fst");
  output({"--cycles", "--samples", "1", "--trace", file});
  CHECK(read_file(file).size() > 10000);
  const Run again = run_built("08_fpga", {"--cycles", "--trace", file});
  CHECK(again.status == 1);
  CHECK_THAT(again.err, ContainsSubstring("error: "));
}

TEST_CASE("the program refuses what it cannot do") {
  CHECK(run_built("08_fpga", {"--engine", "gpu"}).status == 2);
  CHECK(run_built("08_fpga", {"--cycles", "--temperature", "0"}).status == 2);
  CHECK(run_built("08_fpga", {"--weights", "/no/such/file"}).status == 1);
}
