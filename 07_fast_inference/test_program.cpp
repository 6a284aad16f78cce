// The program as a reader meets it: exit codes, what it prints and how wide, what each option does.
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "07_fast_inference/engines.hpp"
#include "07_fast_inference/judge/names.hpp"
#include "07_fast_inference/test_golden.hpp"
#include "common/results.hpp"
#include "common/run_program.hpp"
#include "common/terminal.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;

namespace {

Run run(const std::vector<std::string>& arguments, const std::string& input = "") {
  return run_built("07_fast_inference", arguments, input);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// What a run without a mistake prints.
std::string output(std::vector<std::string> arguments, const std::string& input = "") {
  const Run result = run(arguments, input);
  INFO(fmt::format("{}", fmt::join(arguments, " ")));
  CHECK(result.err == "");
  REQUIRE(result.status == 0);
  return result.out;
}

std::vector<std::string> quiet_names(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--quiet", "--engine", "tables"});
  return lines_of(output(arguments));
}

void check_refused(const std::vector<std::string>& arguments, int status,
                   const std::string& because, const std::string& input = "") {
  CAPTURE(arguments);
  const Run result = run(arguments, input);
  CHECK(result.status == status);
  CHECK(result.out == "");
  REQUIRE(lines_of(result.err).size() == 1);
  CHECK_THAT(result.err, ContainsSubstring("error: "));
  CHECK_THAT(result.err, ContainsSubstring(because));
}

// But for paths, which are as long as they are.
void check_80_columns(const std::string& text) {
  REQUIRE(!text.empty());
  for (const std::string& line : lines_of(text)) {
    if (line.find(LADDER_ROOT) != std::string::npos) continue;
    CAPTURE(line);
    CHECK(display_width(line) <= 80);
  }
}

}  // namespace

TEST_CASE("quiet means the names and nothing else") {
  const auto names = lines_of(output({"--engine", "loops", "--samples", "3", "--quiet"}));
  const auto engine = make_loops(shipped_model());
  Questions questions;
  questions.samples = 3;
  questions.block_size = block_size;
  const Answers answers = ask(*engine, questions);
  REQUIRE(names.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(names[i] == shown_name(answers.samples[i].name));
  CHECK(output({"--samples", "0", "--quiet"}).empty());
  CHECK(lines_of(output({"--quiet"})).size() == 4);
}

TEST_CASE("names of several engines are labelled") {
  const auto lines =
      lines_of(output({"--engine", "loops", "--engine", "streams", "--samples", "2", "--quiet"}));
  const auto names = quiet_names({"--samples", "2"});
  REQUIRE(names.size() == 2);
  REQUIRE(lines.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(lines[i] == fmt::format("{:<14} {}", i < 2 ? "loops" : "streams", names[i % 2]));
  }
}

TEST_CASE("every bit of a seed counts") {
  std::set<std::vector<std::string>> names;
  for (const char* seed : {"0", "1", "42", "43", "4294967296", "18446744073709551615"}) {
    names.insert(quiet_names({"--samples", "8", "--seed", seed}));
  }
  CHECK(names.size() == 6);
  CHECK(quiet_names({"--seed", "42"}) == quiet_names({}));
}

TEST_CASE("temperature 0: the same name from any seed, and another at 1") {
  const auto name = quiet_names({"--temperature", "0", "--samples", "1"});
  REQUIRE(name.size() == 1);
  const auto names = quiet_names({"--temperature", "0", "--seed", "7", "--samples", "3"});
  CHECK(names == std::vector<std::string>(3, name[0]));
  CHECK(quiet_names({"--temperature", "1", "--samples", "3"}) != names);
}

TEST_CASE("a beginning is completed") {
  const auto names = quiet_names({"--start", "Ma", "--samples", "5"});
  REQUIRE(names.size() == 5);
  for (const std::string& name : names) CHECK(name.starts_with("ma"));
  check_refused({"--start", "zoë"}, 1, "'ë'");
  check_refused({"--start", "abcdefghijklmnopq"}, 1, "'abcdefghijklmnopq'");
  check_refused({"--start", "ma", "--bench"}, 2, "--bench has no effect with --start");
}

TEST_CASE("names are priced at once") {
  const std::string one = output({"--score", "emma"});
  CHECK_THAT(one, ContainsSubstring("'emma'"));
  CHECK(one.find("judged") == std::string::npos);  // at once: no engine is judged first
  const std::string two = output({"--score", "emma", "xqzzj"});
  CHECK_THAT(two, ContainsSubstring("emma"));
  CHECK_THAT(two, ContainsSubstring("xqzzj"));
  CHECK(output({"--score", "-"}, "emma\nxqzzj\n") == two);
  CHECK(output({"--score", "emma", "--engine", "loops", "--quiet"}) ==
        output({"--score", "emma", "--quiet"}));
  for (const std::string& text : {one, two}) check_80_columns(text);
  check_refused({"--score", "e2ma"}, 1, "'2'");
  check_refused({"--score", "abcdefghijklmnopq"}, 1, "'abcdefghijklmnopq'");
  check_refused({"--score", "-"}, 1, "standard input");
}

TEST_CASE("options without effect, and values that are none, are refused") {
  check_refused({"--threads", "2"}, 2, "--threads is about measured speed");
  check_refused({"--baselines"}, 2, "--baselines is about");
  check_refused({"--json", "/dev/null"}, 2, "--json is about");
  check_refused({"--rounds", "3"}, 2, "--rounds is about");
  check_refused({"--rounds", "3", "--threads", "2", "--breakdown"}, 2, "--threads is about");
  check_refused({"--bench", "--temperature", "0"}, 2, "--temperature 0");
  check_refused({"--score", "emma", "--seed", "7"}, 2, "--seed is about names");
  check_refused({"--score", "emma", "--temperature", "2"}, 2, "--temperature is about names");
  check_refused({"--bench", "--rounds", "0x10"}, 2, "not a whole number");
  check_refused({"--bench", "--threads", "1025"}, 2, "out of range");
  check_refused({"--temperature", "-1"}, 2, "out of range");
  check_refused({"--temperature", "nan"}, 2, "'nan'");
  check_refused({"--seed", "-1"}, 2, "'-1'");
  check_refused({"--engine", "abacus"}, 2, "there is no engine 'abacus'");
  check_refused({"--weights", "/no/such/file"}, 1, "/no/such/file");
}

TEST_CASE("decimal means decimal: a leading zero changes nothing") {
  const auto names = quiet_names({"--samples", "010"});
  CHECK(names.size() == 10);
}

TEST_CASE("all engines are judged, within 80 columns") {
  const std::string text = output({"--seed", "18446744073709551615", "--samples", "9"});
  check_80_columns(text);
  for (const EngineKind& kind : all_engines()) {
    CHECK_THAT(text, ContainsSubstring("\n" + std::string(kind.name) + " "));
  }
  check_80_columns(output({"--help"}));
}

TEST_CASE("with --widths the engines in vectors are judged at every width") {
  const std::string text = output({"--widths", "--samples", "1"});
  check_80_columns(text);
  for (const EngineKind& kind : engines_by_width()) {
    CHECK_THAT(text, ContainsSubstring("\n" + std::string(kind.name) + " "));
  }
  CHECK(text.find("\nloops") == std::string::npos);
  CHECK(output({"--engine", "columns_4", "--quiet"}) == output({"--engine", "columns", "--quiet"}));
  check_refused({"--widths", "--engine", "columns"}, 2, "leave --engine out");
}

TEST_CASE("what is printed of speeds is what --json says, within 80 columns") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("speeds.json");
  const std::string text = output({"--bench", "--rounds", "1", "--threads", "2", "--engine",
                                   "loops", "--engine", "streams", "--quiet", "--json", path});
  check_80_columns(text);
  const auto rows = read_json(path).at("rows");
  REQUIRE(rows.size() == 3);
  for (const auto& row : rows) {
    const auto tokens_per_second =
        static_cast<std::size_t>(row.at("tokens_per_second").get<double>());
    const std::regex line(fmt::format("{} +fp32 +{} +{} .*{}.*",
                                      row.at("engine").get<std::string>(),
                                      row.at("streams").get<int>(), row.at("threads").get<int>(),
                                      with_commas(tokens_per_second)));
    const auto lines = lines_of(text);
    CHECK(std::count_if(lines.begin(), lines.end(),
                        [&](const std::string& l) { return std::regex_match(l, line); }) == 1);
  }
}

TEST_CASE("the breakdown and the study fit 80 columns") {
  check_80_columns(output({"--breakdown", "--rounds", "1", "--quiet"}));
  check_80_columns(run_built("07_quantization_study", {}).out);
}
