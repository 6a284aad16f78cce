// The program runs on this processor if that is an ARM, and else in an emulator; what it computes
// is the same. Its own numbers are checked inside it (--kernels), for only there is a NEON; here
// they are read again.
#include <map>
#include <sstream>

#include <catch2/matchers/catch_matchers_string.hpp>
#include <nlohmann/json.hpp>

#include "common/cross_program.hpp"
#include "common/results.hpp"
#include "common/terminal.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;

namespace {

using Words = std::vector<std::string>;

// What a run without a mistake prints, within 80 columns but for paths.
std::string output(const Words& arguments, const Words& environment = {}) {
  const Run result = run_cross("08_neon", arguments, environment);
  CHECK(result.err == "");
  REQUIRE(result.status == 0);
  std::istringstream lines(result.out);
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK((display_width(line) <= 80 || line.find('/') != std::string::npos));
  }
  return result.out;
}

// The words of each line, by its first one.
std::map<std::string, Words> lines_of(const std::string& text) {
  std::map<std::string, Words> result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    Words all;
    for (std::string word; words >> word;) all.push_back(word);
    if (!all.empty()) result[all[0]] = all;
  }
  return result;
}

// The names of three lines of output, each beginning with an engine's name.
std::string names_by(const std::string& engine, const Words& more = {}) {
  Words arguments = {"--engine", engine, "--quiet", "--samples", "60"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return output(arguments);
}

}  // namespace

TEST_CASE(
    "neon: engines in NEON are off by no more than they may be, and write the reference's names",
    "[hardware]") {
  const auto rows = lines_of(output({"--engine", "neon", "--engine", "neon_q4_12", "--engine",
                                     "neon_sdot", "--engine", "q4_12", "--samples", "4"}));
  REQUIRE(rows.contains("neon"));
  CHECK(std::stod(rows.at("neon")[1]) <= 1e-4);
  CHECK(rows.at("neon")[2] == "0");  // of 10,000 names' tokens
  // Bit for bit, so the same error and the same tokens; the judge's error alone could be a
  // coincidence.
  for (const char* engine : {"neon_q4_12", "neon_sdot"}) {
    CAPTURE(engine);
    const Words& expected = rows.at("q4_12");
    const Words& row = rows.at(engine);
    CHECK(Words(row.begin() + 1, row.end()) == Words(expected.begin() + 1, expected.end()));
  }
}

TEST_CASE("neon: fixed point in NEON equals 07's definition to the last bit", "[hardware]") {
  // Every logit of every step of names, for the shipped weights and for random ones of both
  // variants; and each draw, at several temperatures.
  const auto rows = lines_of(output({"--bits", "--quiet"}));
  for (const char* engine : {"neon_q4_12", "neon_sdot"}) {
    CAPTURE(engine);
    REQUIRE(rows.contains(engine));
    REQUIRE(rows.at(engine).size() == 4);
    CHECK(std::stoi(rows.at(engine)[1]) >= 20'000);  // logits compared
    CHECK(rows.at(engine)[2] == "0");                // that differ
    CHECK(rows.at(engine)[3] == "0");                // draws that differ
  }
}

TEST_CASE("neon: a processor without the dot product gets no engine that needs it", "[hardware]") {
  const Words old = {"QEMU_CPU=cortex-a53"};
  Run run = run_cross("08_neon", {"--engine", "neon_sdot", "--quiet"}, old);
  if (run_cross("08_neon", {"--engine", "neon_sdot", "--quiet", "--samples", "1"}).status != 0) {
    SKIP("this processor has no dot product itself");
  }
  if (run.status == 0)
    SKIP("a real processor stays what it is; an emulated one can be an older one");
  CHECK(run.status == 2);
  CHECK_THAT(run.err, ContainsSubstring("there are: neon"));
  CHECK(output({"--engine", "neon_q4_12", "--quiet", "--samples", "60"}, old) == names_by("q4_12"));
  CHECK(output({"--engine", "neon", "--quiet", "--samples", "60"}, old) == names_by("neon"));
}

TEST_CASE("neon: training's inner loops in NEON equal double precision for every shape",
          "[hardware]") {
  std::istringstream lines(output({"--kernels", "--quiet"}));
  std::map<std::string, int> shapes;
  double exp_error = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string kernel;
    int rows = 0, in = 0, out = 0;
    double error = 0;
    if (words >> kernel >> rows >> in >> out >> error) {
      CAPTURE(line);
      CHECK(error <= 1);
      CHECK(error > 0);  // two precisions that never differ were not compared
      ++shapes[kernel];
      if (in % 4 != 0 && out % 4 != 0 && rows % 4 != 0) ++shapes[kernel + " odd"];
    }
    if (const auto at = line.find("largest relative error "); at != std::string::npos) {
      exp_error = std::stod(line.substr(at + 23));
    }
  }
  for (const char* kernel : {"linear_forward", "linear_backward", "weight_gradient"}) {
    CAPTURE(kernel);
    CHECK(shapes[kernel] >= 8);
    CHECK(shapes[kernel + std::string(" odd")] >= 2);
  }
  CHECK(exp_error > 5e-5);  // of degree 3, and no better polynomial
  CHECK(exp_error < 9e-5);
}

TEST_CASE("neon: what an emulator runs is never given a speed", "[hardware]") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("speeds.json");
  const Run run = run_cross("08_neon", {"--bench", "--rounds", "1", "--quiet", "--json", path});
  REQUIRE(run.status == 0);
  const auto file = read_json(path);
  CHECK(file.at("stage") == "08_neon");
  REQUIRE(file.at("rows").size() >= 4);
  for (const auto& row : file.at("rows")) {
    const bool emulated = row.at("emulated");
    CHECK(row.at("tokens_per_second").is_null() == emulated);
    CHECK(row.at("cycles_per_token").is_null() == emulated);
  }
  if (file.at("rows")[0].at("emulated")) {
    CHECK(run.out.find("tokens/s") == std::string::npos);
    CHECK(run.out.find("GHz") == std::string::npos);
    CHECK_THAT(run.out, ContainsSubstring("not measured: on an emulated processor"));
  }
}

TEST_CASE("neon: QEMU's plugin counts the instructions of a token", "[hardware]") {
  const Run without = run_cross("08_neon", {"--instructions", "--quiet"});
  CHECK(without.status == 1);
  CHECK_THAT(without.err, ContainsSubstring("set QEMU_PLUGIN"));

  const std::string plugin = LADDER_BIN "/../lib/libcount_instructions.so";
  if (::access(plugin.c_str(), R_OK) != 0) SKIP("a real processor is measured by --bench");
  const Words environment = {"QEMU_PLUGIN=" + plugin};
  const auto rows = lines_of(output({"--instructions", "--quiet"}, environment));
  REQUIRE(rows.contains("neon"));
  const auto count = [&](const std::string& engine) { return std::stod(rows.at(engine).back()); };
  // A token has 3,638 multiply-adds and more; four of them are an instruction.
  CHECK(count("neon") > 3638 / 4.0);
#if !defined(__SANITIZE_ADDRESS__)  // whose build checks every addition of the program, too
  CHECK(count("neon") < 10'000);
#endif
  CHECK(count("neon_q4_12") < count("q4_12_plain"));
}

TEST_CASE("neon: weights of one's own run in NEON, and mistakes are refused", "[hardware]") {
  CHECK_THAT(names_by("neon", {"--start", "ma"}), ContainsSubstring("ma"));
  const Run unknown = run_cross("08_neon", {"--engine", "loops"});
  CHECK(unknown.status == 2);
  CHECK_THAT(unknown.err, ContainsSubstring("there are: neon"));
  CHECK(run_cross("08_neon", {"--weights", "/no/such/file"}).status == 1);
  // At temperature 0 every name is the same.
  const std::string greedy = names_by("neon", {"--temperature", "0"});
  CHECK(greedy == names_by("neon_q4_12", {"--temperature", "0"}));
}
