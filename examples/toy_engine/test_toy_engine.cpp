// An engine from outside stage 07 has, with one call, all that 07's own program has.
#include <sstream>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <nlohmann/json.hpp>

#include "07_fast_inference/judge/names.hpp"
#include "07_fast_inference/judge/reference.hpp"
#include "common/results.hpp"
#include "common/run_program.hpp"
#include "common/shipped.hpp"
#include "common/terminal.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;

namespace {

// What a run without a mistake prints, within 80 columns but for paths.
std::string output(const std::vector<std::string>& arguments) {
  const Run result = run_built("toy_engine", arguments);
  CHECK(result.err == "");
  REQUIRE(result.status == 0);
  std::istringstream lines(result.out);
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK((display_width(line) <= 80 || line.find('/') != std::string::npos));
  }
  return result.out;
}

void check_refused(const std::vector<std::string>& arguments, int status,
                   const std::string& because) {
  const Run result = run_built("toy_engine", arguments);
  CHECK(result.status == status);
  CHECK(result.out == "");
  CHECK_THAT(result.err, ContainsSubstring("error: ") && ContainsSubstring(because));
}

}  // namespace

TEST_CASE("a foreign engine is judged by the golden logits and the names of a seed") {
  const std::string text = output({"--samples", "3"});
  CHECK_THAT(text, ContainsSubstring("golden logits"));
  CHECK_THAT(text, ContainsSubstring("\ntoy "));
}

TEST_CASE("a foreign engine is judged by weights with gains too") {
  const TemporaryDirectory directory;
  const std::string weights = directory.file("gains");
  save_weights(weights, to_weights(random_model(1, 0.3f, true)));
  CHECK_THAT(output({"--weights", weights}), ContainsSubstring("\ntoy "));
}

TEST_CASE("a foreign engine makes up, completes and prices names as the judge does") {
  ReferenceEngine plain(read_model(load_weights(shipped_weights_path())));
  Questions questions;
  questions.samples = 5;
  questions.block_size = block_size;
  std::string expected;
  for (const Sample& sample : ask(plain, questions).samples) {
    expected += shown_name(sample.name) + "\n";
  }
  CHECK(output({"--samples", "5", "--quiet"}) == expected);
  CHECK_THAT(output({"--start", "ma", "--samples", "1", "--quiet"}), ContainsSubstring("ma"));
  CHECK_THAT(output({"--score", "emma"}), ContainsSubstring("emma"));
}

TEST_CASE("a foreign engine is measured, and the file says whose it is") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("speeds.json");
  output({"--bench", "--rounds", "2", "--quiet", "--json", path});
  const auto file = read_json(path);
  CHECK(file.at("stage") == "toy_engine");
  REQUIRE(file.at("rows").size() == 1);
  const auto& row = file.at("rows")[0];
  CHECK(row.at("engine") == "toy");
  CHECK(row.at("clock") == "thread_cpu");
  CHECK(row.at("tokens_per_second").get<double>() > 0);
  CHECK(row.at("cycles_per_token").get<double>() > 0);
}

TEST_CASE("a foreign engine's program refuses what 07's refuses") {
  check_refused({"--engine", "loops"}, 2, "there are: toy");
  check_refused({"--json", "/dev/null"}, 2, "--json is about measured speed");
  check_refused({"--rounds", "3"}, 2, "add --bench");
  check_refused({"--breakdown"}, 2, "--breakdown");
  check_refused({"--weights", "/no/such/file"}, 1, "/no/such/file");
}
