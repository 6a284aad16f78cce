// The program itself, as a reader runs it.

#include <catch2/catch_test_macros.hpp>

#include "common/program_checks.hpp"

using namespace ladder::program_checks;

namespace {

const Program program = {"03_autograd", {"--steps", "20"}};

}  // namespace

TEST_CASE("the program's output, its JSON and --quiet agree") { check_output_and_json(program); }

TEST_CASE("the program on a terminal: progress, 80 columns") { check_terminal(program); }

TEST_CASE("the program: seeds") { check_seeds(program); }

TEST_CASE("the program: beginnings, scores, temperature 0") { check_questions(program); }

TEST_CASE("the program learns from the names it says, and from no held-out one") {
  check_protocols(program, {"--steps", "200"}, 1);
}

TEST_CASE("the program: files and usage errors") { check_files_and_usage(program); }
