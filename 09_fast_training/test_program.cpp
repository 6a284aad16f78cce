// The program itself, as a reader runs it.

#include <catch2/catch_test_macros.hpp>

#include "06_gpt_adam/gpt_weights.hpp"
#include "07_fast_inference/model/model.hpp"
#include "common/program_checks.hpp"

using namespace ladder::program_checks;

namespace {

const Program program = {"09_fast_training", {"--steps", "30", "--corpus"}};

}  // namespace

TEST_CASE("the program's output, its JSON and --quiet agree") { check_output_and_json(program); }

TEST_CASE("the program on a terminal: progress, 80 columns") { check_terminal(program); }

TEST_CASE("the program: seeds") { check_seeds(program); }

TEST_CASE("the program: the first weights follow from the seed") { check_first_weights(program); }

TEST_CASE("the program: beginnings, scores, temperature 0") { check_questions(program); }

TEST_CASE("the program learns from the names it says, and from no held-out one") {
  check_protocols(program, {"--steps", "600"}, 1);
}

TEST_CASE("the program: files and usage errors") { check_files_and_usage(program); }

TEST_CASE("the program: steps that are too long are one line, and nothing is written") {
  for (const char* lr : {"1e30", "1e100"}) {
    check_divergence(program, {"--steps", "300", "--lr", lr}, {"--json", "--weights"});
    check_divergence(program, {"--steps", "300", "--lr", lr, "--microgpt"}, {"--json"});
  }
  check_divergence(program, {"--steps", "1", "--lr", "1e30"}, {"--json", "--weights"});
}

TEST_CASE("the program: a model that has learned nothing says so") {
  check_knows_nothing(program, {"--steps", "1", "--lr", "1e-9"});
}

TEST_CASE("the program: an option without effect is a usage error") {
  for (const Arguments& arguments : {Arguments{"--bench", "--samples", "3"},
                                     {"--bench", "--width", "32"},
                                     {"--engine", "plain", "--vectors", "sse2"}}) {
    const ladder::Run run = ladder::run_built(program.name, arguments);
    CAPTURE(arguments);
    CHECK(run.status == 2);
    CHECK(lines_of(run.err).size() == 1);
  }
  for (const Arguments& arguments :
       {Arguments{"--width", "24"}, {"--optimizer", "lion"}, {"--vectors", "sve4096"}}) {
    CHECK(ladder::run_built(program.name, arguments).status == 2);
  }
}

TEST_CASE("the program: widths, variants and engines") {
  CHECK_THAT(program.run({"--quiet"}).out, ContainsSubstring("4,240 parameters"));
  CHECK_THAT(program.run({"--quiet", "--microgpt"}).out, ContainsSubstring("4,192 parameters"));
  CHECK_THAT(program.run({"--quiet", "--width", "32", "--merge"}).out,
             ContainsSubstring("14,624 parameters"));
  const auto names = made_up_names(program.run({"--quiet", "--double"}).out);
  CHECK(names.size() == 10);
  CHECK(names == made_up_names(program.run({"--quiet", "--double", "--engine", "plain"}).out));
  CHECK(names != made_up_names(program.run({"--quiet", "--optimizer", "sgd"}).out));
}

TEST_CASE("the program: what it trains, stages 06 and 07 read") {
  const ladder::TemporaryDirectory directory;
  const std::string weights = directory.file("weights");
  for (const Arguments& variant : {Arguments{}, {"--microgpt"}}) {
    REQUIRE(program.run(variant + Arguments{"--quiet", "--weights", weights}).status == 0);
    CHECK(ladder::read_model(ladder::load_weights(weights)).final_norm == variant.empty());
    CHECK(ladder::gpt_from_weights(ladder::load_weights(weights)).config().gains ==
          variant.empty());
  }
}
