// The Python baselines write the same names as the engines, from the same seed.
#include <cstdlib>

#include <catch2/catch_test_macros.hpp>

#include "07_fast_inference/bench/baselines.hpp"
#include "07_fast_inference/engines.hpp"
#include "07_fast_inference/test_golden.hpp"
#include "common/shipped.hpp"
#include "common/test_support.hpp"

using namespace ladder;

namespace {

const std::string weights_path = LADDER_ROOT "/common/data/microgpt.safetensors";

std::vector<std::string> engine_names(std::uint64_t seed, float temperature, std::size_t count) {
  const auto engine = make_loops(shipped_model());
  engine->start(seed, temperature);
  std::vector<std::uint8_t> tokens(count * block_size);
  engine->generate(tokens);
  std::vector<std::string> names;
  for (const auto& name : names_of(tokens)) names.push_back(Tokenizer::canonical().decode(name));
  names.resize(count);
  return names;
}

void check_names(const Baseline& baseline) {
  const std::pair<std::uint64_t, double> draws[] = {
      {42, 1}, {0, 0.5}, {~std::uint64_t{0}, 1.5}, {std::uint64_t{1} << 32, 1}, {7, 0}};
  for (const auto& [seed, temperature] : draws) {
    const auto result = run_baseline(
        baseline, {.weights = weights_path, .seed = seed, .temperature = temperature, .names = 40});
    if (!result.problem.empty()) SKIP(baseline.engine << ": " << result.problem);
    CAPTURE(seed);
    CHECK(result.names == engine_names(seed, static_cast<float>(temperature), 40));
    CHECK(!result.tokens_per_second.has_value());
  }
}

}  // namespace

TEST_CASE("Python alone writes the engines' names") { check_names(all_baselines()[0]); }
TEST_CASE("NumPy writes the engines' names") { check_names(all_baselines()[1]); }
TEST_CASE("MLX writes the engines' names", "[hardware]") { check_names(all_baselines()[2]); }

TEST_CASE("the golden logits are what CPython computes, to 1e-12") {
  if (std::system("python3 --version > /dev/null 2>&1") != 0) SKIP("install python3");
  const std::string command = "python3 -B '" LADDER_ROOT
                              "/07_fast_inference/bench/baselines/golden.py' --weights '" +
                              weights_path + "' --check '";
  CHECK(std::system((command + shipped_golden_path() + "' > /dev/null").c_str()) == 0);
  // It sees a difference: other weights have other logits.
  const TemporaryDirectory directory;
  save_weights(directory.file("other"), to_weights(random_model(1)));
  const std::string other = "python3 -B '" LADDER_ROOT
                            "/07_fast_inference/bench/baselines/golden.py' --weights '" +
                            directory.file("other") + "' --check '";
  CHECK(std::system((other + shipped_golden_path() + "' > /dev/null").c_str()) != 0);
}

TEST_CASE("a baseline that cannot run says why, and the table goes on") {
  const TemporaryDirectory directory;
  const auto rows = run_baselines({.weights = directory.file("it's not there"), .seconds = 0.01});
  REQUIRE(rows.size() == all_baselines().size());
  for (const BenchRow& row : rows) {
    CHECK(!row.problem.empty());
    CHECK(!row.tokens_per_second.has_value());
  }
}

TEST_CASE("a baseline says that it does not run weights with gains") {
  if (std::system("python3 --version > /dev/null 2>&1") != 0) SKIP("install python3");
  const TemporaryDirectory directory;
  save_weights(directory.file("gains"), to_weights(random_model(1, 0.08f, true)));
  const auto result = run_baseline(all_baselines()[0], {.weights = directory.file("gains")});
  CHECK(result.problem == microgpt_only_problem);
  CHECK(result.names.empty());
}

TEST_CASE("Python's speed is measured where there is Python") {
  const auto result =
      run_baseline(all_baselines()[0], {.weights = weights_path, .names = 1, .seconds = 0.05});
  if (!result.problem.empty()) SKIP("python3: " << result.problem);
  REQUIRE(result.tokens_per_second.has_value());
  CHECK(*result.tokens_per_second > 0);
  CHECK(result.names.size() == 1);
}
