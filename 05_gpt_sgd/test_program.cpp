// The program itself, as a reader runs it.

#include <catch2/catch_test_macros.hpp>

#include "common/program_checks.hpp"

using namespace ladder::program_checks;

namespace {

const Program program = {"05_gpt_sgd", {"--steps", "30"}};

}  // namespace

TEST_CASE("the program's output, its JSON and --quiet agree") { check_output_and_json(program); }

TEST_CASE("the program on a terminal: progress, 80 columns") { check_terminal(program); }

TEST_CASE("the program: seeds") { check_seeds(program); }

TEST_CASE("the program: the first weights follow from the seed") { check_first_weights(program); }

TEST_CASE("the program: beginnings, scores, temperature 0") { check_questions(program); }

TEST_CASE("the program learns from the names it says, and from no held-out one") {
  check_protocols(program, {"--steps", "1500"}, 1);
}

TEST_CASE("the program: files and usage errors") { check_files_and_usage(program); }

TEST_CASE("the program: steps that are too long are one line, and nothing is written") {
  check_divergence(program, {"--steps", "60", "--lr", "10"});
  check_divergence(program, {"--steps", "300", "--lr", "2"});
  // Ends as a network of zeros, whose loss is ln 27: it had exploded in between.
  check_divergence(program, {"--steps", "300", "--lr", "1e30"});
  check_divergence(program, {"--steps", "1", "--lr", "1e30"});
}

TEST_CASE("the program: a model that has learned nothing says so") {
  check_knows_nothing(program, {"--steps", "1", "--lr", "1e-9"});
}
