// What the reader has trained runs: weights of stage 06, with gains and without.
#include <cmath>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "06_gpt_adam/gpt_weights.hpp"
#include "07_fast_inference/engines.hpp"
#include "07_fast_inference/test_golden.hpp"
#include "common/largest.hpp"
#include "common/program_checks.hpp"
#include "common/results.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;
using program_checks::check_width;
using program_checks::lines_of;

namespace {

using Arguments = program_checks::Arguments;

// Fifty steps of stage 06: the weights, and the names that it writes with them.
std::vector<std::string> train(const std::string& weights, const Arguments& variant) {
  if (::access(LADDER_BIN "/06_gpt_adam", X_OK) != 0) {
    SKIP("needs 06_gpt_adam, which is not built here; configure from the repository's root");
  }
  const TemporaryDirectory directory;
  const std::string json = directory.file("run.json");
  Arguments arguments = {"--steps", "50",        "--samples", "20",     "--seed", "3",
                         "--quiet", "--weights", weights,     "--json", json};
  arguments.insert(arguments.end(), variant.begin(), variant.end());
  REQUIRE(run_built("06_gpt_adam", arguments).status == 0);
  const auto samples = read_json(json).at("samples");
  REQUIRE(samples.size() == 20);
  std::vector<std::string> names;
  for (const auto& sample : samples) {
    names.push_back(shown_name(sample.at("name").get<std::string>()));
  }
  return names;
}

// What a run without a mistake prints.
std::string output(const Arguments& arguments) {
  const Run run = run_built("07_fast_inference", arguments);
  CHECK(run.err == "");
  REQUIRE(run.status == 0);
  return run.out;
}

// The line of a table that begins with this word.
std::string row_of(const std::string& text, std::string_view engine) {
  for (const std::string& line : lines_of(text)) {
    if (line.starts_with(std::string(engine) + " ")) return line;
  }
  return "";
}

void check_refused(const std::string& program, const Arguments& arguments,
                   const std::string& because) {
  CAPTURE(program, arguments);
  const Run run = run_built(program, arguments);
  CHECK(run.status == 2);
  CHECK(run.out == "");
  CHECK(lines_of(run.err).size() == 1);
  CHECK_THAT(run.err, ContainsSubstring(because));
}

}  // namespace

TEST_CASE("every engine of weights with gains has stage 06's logits") {
  const float sigma = GENERATE(0.08f, 0.5f);
  const Weights weights = weights_with_gains(3, sigma);
  Gpt gpt = gpt_from_weights(weights);
  const NextLogits next_logits = gpt.next_logits();
  for (const EngineKind& kind : engines_and_widths()) {
    if (kind.precision != "fp32" && kind.precision != "fp64") continue;
    CAPTURE(kind.name, sigma);
    const auto engine = kind.make(read_model(weights));
    double largest = 0;
    for (const Tokens& name : corpus_names(20)) {
      for (std::size_t t = 0; t <= name.size() && t < block_size; ++t) {
        const Logits logits = engine->logits(t == 0 ? bos_token : name[t - 1], static_cast<int>(t));
        const auto expected = next_logits(std::span(name).first(t));
        for (std::size_t i = 0; i < vocab_size; ++i) {
          largest = larger_or_nan(largest, std::abs(double{logits[i]} - expected[i]));
        }
      }
    }
    CHECK(largest < 1e-4);
  }
}

TEST_CASE("what the reader has trained runs, with gains and without, and writes stage 06's names") {
  const bool gains = GENERATE(true, false);
  CAPTURE(gains);
  const TemporaryDirectory directory;
  const std::string weights = directory.file("my.safetensors");
  const auto names = train(weights, gains ? Arguments{} : Arguments{"--microgpt"});
  // All engines of full precision at once: each line is an engine's label and a name.
  Arguments arguments = {"--weights", weights, "--samples", "20", "--seed", "3", "--quiet"};
  std::vector<std::string> expected;
  for (const EngineKind& kind : all_engines()) {
    if (kind.precision != "fp32" && kind.precision != "fp64") continue;
    arguments.insert(arguments.end(), {"--engine", std::string(kind.name)});
    for (const std::string& name : names) {
      expected.push_back(fmt::format("{:<14} {}", kind.name, name));
    }
  }
  CHECK(lines_of(output(arguments)) == expected);
}

TEST_CASE("all engines are judged by weights with gains") {
  const TemporaryDirectory directory;
  const std::string weights = directory.file("my.safetensors");
  train(weights, {});
  const std::string table = output({"--weights", weights});
  for (const EngineKind& kind : all_engines()) {
    CAPTURE(kind.name);
    const std::string row = row_of(table, kind.name);
    CHECK(row != "");
    CHECK(display_width(row) <= 80);
  }
}

TEST_CASE("what takes microGPT's variant only says so, in one line") {
  const TemporaryDirectory directory;
  const std::string weights = directory.file("gains");
  save_weights(weights, weights_with_gains(1, 0.3f));
  check_refused("07_fast_inference", {"--weights", weights, "--breakdown"},
                "06_gpt_adam --microgpt");
  EngineKind kind = find_engine("loops");
  kind.microgpt_only = true;
  const EngineKind* kinds[] = {&kind};
  CHECK_NOTHROW(check_runs(kinds, random_model(1)));
  CHECK_THROWS_WITH(check_runs(kinds, random_model(1, 0.08f, true)),
                    ContainsSubstring("loops runs microGPT's variant only") &&
                        ContainsSubstring("06_gpt_adam --microgpt"));
}
