// 08_cuda --train and --crossover as a reader meets them.
#include <algorithm>
#include <sstream>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <nlohmann/json.hpp>

#include "06_gpt_adam/gpt_weights.hpp"
#include "08_hardware/cuda/device.hpp"
#include "08_hardware/cuda/training/crossover.hpp"
#include "common/error.hpp"
#include "common/results.hpp"
#include "common/run_program.hpp"
#include "common/terminal.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

// Few names, with every letter.
const char* const few_names = "abcdefghijklm\nnopqrstuvwxyz\nemma\nolivia\nava\nisabella\nmia\n";

void check_width(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK((display_width(line) <= 80 || line.find('/') != std::string::npos));
  }
}

// One line that says what is wrong.
void check_error(const Run& run, int status, const std::string& what) {
  CHECK(run.status == status);
  CHECK(run.out == "");
  CHECK_THAT(run.err, StartsWith("error: ") && ContainsSubstring(what));
  CHECK(std::count(run.err.begin(), run.err.end(), '\n') == 1);
}

}  // namespace

TEST_CASE("training: the program learns on emulated blocks, and stage 06 reads its weights") {
  const TemporaryDirectory directory;
  const std::string json = directory.file("results.json"),
                    weights = directory.file("w.safetensors");
  const std::vector<std::string> words = {"--train",   "--emulated", "--steps",   "150",
                                          "--batch",   "16",         "--json",    json,
                                          "--weights", weights,      "--samples", "3"};
  const Run run = run_built("08_cuda", words);
  CHECK(run.err == "");
  REQUIRE(run.status == 0);
  check_width(run.out);
  CHECK_THAT(run.out, ContainsSubstring("one kernel each, emulated"));
  const nlohmann::json results = read_json(json);
  CHECK(results.at("stage") == "08_cuda");
  CHECK(results.at("parameters") == 4192);
  CHECK(results.at("steps") == 150);
  const double nll = results.at("nll").at("train");
  CHECK(nll < 2.6);  // of ln 27 = 3.30 at first
  const Weights saved = load_weights(weights);
  CHECK_THAT(saved.metadata.at("command"), StartsWith("08_cuda --train --width 16 --batch 16"));
  CHECK(!gpt_from_weights(saved).config().gains);
}

TEST_CASE("training: a launch an operation learns the same as one kernel a step") {
  const TemporaryDirectory directory;
  const std::string names = directory.write("names.txt", few_names);
  const auto learnt = [&](std::vector<std::string> more) {
    std::vector<std::string> words = {"--train", "--emulated", "--data",  names, "--steps", "5",
                                      "--batch", "4",          "--width", "32",  "--quiet"};
    words.insert(words.end(), more.begin(), more.end());
    const Run run = run_built("08_cuda", words);
    REQUIRE(run.status == 0);
    CHECK_THAT(run.out, ContainsSubstring("names it made up"));
    return run.out.substr(run.out.find("names it made up"));  // before that stands a time
  };
  const std::string persistent = learnt({});
  CHECK(learnt({"--per-op"}) == persistent);
  CHECK(learnt({"--seed", "1"}) != persistent);
}

TEST_CASE("training: what cannot be trained or measured is said in one line") {
  const TemporaryDirectory directory;
  const auto run = [](const std::vector<std::string>& words) {
    return run_built("08_cuda", words);
  };
  check_error(run({"--train", "--emulated", "--width", "24", "--quiet"}), 1, "16, 32, 48");
  check_error(run({"--train", "--width", "256"}), 2, "--width");
  check_error(run({"--train", "--rounds", "3"}), 2, "add --crossover");
  check_error(run({"--crossover", "--steps", "3"}), 2, "--steps");
  std::string greek;
  for (int i = 0; i < 20; ++i) greek += "αβγδ\n";
  check_error(run({"--train", "--quiet", "--data", directory.write("greek.txt", greek)}), 1,
              "the letters a to z");
  const Run help = run({"--train", "--help"});
  CHECK(help.status == 0);
  CHECK_THAT(help.out, ContainsSubstring("--crossover") && ContainsSubstring("--beside"));
  check_width(help.out);
}

TEST_CASE("training: without a GPU there is no crossover, and one line says why") {
  if (gpu::no_device_because().empty()) SKIP("there is a GPU");
  const TemporaryDirectory directory;
  const std::string json = directory.file("crossover.json");
  check_error(run_built("08_cuda", {"--crossover", "--json", json}), 1, "nothing to measure");
  CHECK_THROWS_AS(read_json(json), Error);
}

TEST_CASE("training: a processor's steps are read from its results, what was not measured is not") {
  const TemporaryDirectory directory;
  const std::string file = directory.write("09.json", R"({"stage": "09_fast_training", "rows": [
    {"width": 16, "batch": 32, "engine": "plain loops", "us_per_step": 900.5, "floor_us_per_step": 1},
    {"width": 16, "batch": 32, "engine": "fast", "us_per_step": 70.25, "floor_us_per_step": null},
    {"width": 64, "batch": 32, "engine": "fast", "us_per_step": null}]})");
  const auto rows = gpu::read_steps({file, file});
  CHECK(rows.size() == 4);
  const auto best = gpu::quickest(rows, 16, 32);
  REQUIRE(best);
  CHECK(best->engine == "fast");
  CHECK(best->microseconds == 70.25);
  CHECK(!gpu::quickest(rows, 64, 32));
  CHECK(!gpu::quickest(rows, 16, 64));
  for (const char* other :
       {R"({"rows": [{"engine": "v3"}]})", R"({"stage": "04"})", "[]",
        R"({"rows": [{"width": "16", "batch": 1, "engine": "a", "us_per_step": 1}]})"}) {
    CHECK_THROWS_AS(gpu::read_steps({directory.write("other.json", other)}), Error);
  }
}
