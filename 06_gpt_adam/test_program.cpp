// The program itself, as a reader runs it.

#include <cmath>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "common/program_checks.hpp"
#include "common/safetensors.hpp"
#include "common/shipped.hpp"

using namespace ladder::program_checks;

namespace {

const Program program = {"06_gpt_adam", {"--steps", "30", "--corpus"}};

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
    check_divergence(program, {"--steps", "300", "--lr", lr}, {"--json", "--weights", "--golden"});
  }
  check_divergence(program, {"--steps", "1", "--lr", "1e30"}, {"--json", "--weights"});
}

TEST_CASE("the program: a good weights file outlives a run that diverges") {
  const ladder::TemporaryDirectory directory;
  const std::string weights = directory.file("weights");
  REQUIRE(program.run({"--quiet", "--weights", weights}).status == 0);
  const std::string good = directory.read("weights");
  CHECK(program.run({"--quiet", "--weights", weights, "--lr", "1e30"}).status == 1);
  CHECK(directory.read("weights") == good);
  CHECK(program.run({"--quiet", "--weights", weights, "--seed", "7"}).status == 0);
  CHECK(directory.read("weights") != good);  // one of the ladder's own is replaced
  CHECK(program.run({"--quiet", "--json", weights, "--weights", weights}).status == 1);
}

TEST_CASE("the program: a model that has learned nothing says so") {
  check_knows_nothing(program, {"--steps", "1", "--lr", "1e-9"});
}

TEST_CASE("the program: what can be known before the training is said before it") {
  const ladder::TemporaryDirectory directory;
  std::string kana;
  for (int i = 0; i < 20; ++i)
    kana += "ハナ" + std::string(static_cast<std::size_t>(i), 'a') + "\n";
  const std::string data = directory.write("kana.txt", kana);
  const ladder::Run run = ladder::run_built(
      program.name, {"--data", data, "--steps", "1000000000", "--golden", directory.file("g")});
  CHECK(run.status == 1);
  CHECK_THAT(run.err, ContainsSubstring("golden logits are for the letters a to z"));
}

TEST_CASE("the program: an option without effect in a mode is a usage error") {
  for (const Arguments& arguments : {Arguments{"--replay", "--json", "r.json"},
                                     {"--replay", "--weights", "w"},
                                     {"--replay", "--steps", "5"},
                                     {"--bench", "--samples", "3"},
                                     {"--bench", "--replay"}}) {
    const ladder::Run run = ladder::run_built(program.name, arguments);
    CAPTURE(arguments);
    CHECK(run.status == 2);
    CHECK_THAT(run.err, ContainsSubstring("has no effect with"));
  }
}

TEST_CASE("the program: --microgpt trains microgpt.py's 4,192 parameters, and without it 4,240") {
  CHECK_THAT(program.run({"--quiet", "--microgpt"}).out, ContainsSubstring("4,192 parameters"));
  CHECK_THAT(program.run({"--quiet"}).out, ContainsSubstring("4,240 parameters"));
}

TEST_CASE("the program: --bits and --from, what they refuse") {
  const std::string shipped = ladder::shipped_weights_path();
  const auto refused = [](const Arguments& arguments, int status, const char* because) {
    CAPTURE(arguments);
    const ladder::Run run = ladder::run_built(program.name, arguments);
    CHECK(run.status == status);
    CHECK_THAT(run.err, ContainsSubstring(because));
  };
  for (const char* bits : {"1", "9", "5.5", "four", "1.6"}) {
    refused({"--bits", bits}, 2, "--bits takes 2 to 8, or 1.58");
  }
  refused({"--from", shipped, "--microgpt"}, 2, "--microgpt excludes --from");
  refused({"--from", shipped, "--weights", shipped}, 1, shipped.c_str());
  const ladder::TemporaryDirectory directory;
  std::string kana;
  for (int i = 1; i < 20; ++i)
    kana += std::string(static_cast<std::size_t>(i % 9 + 1), 'a') + "ハ\n";
  refused({"--from", shipped, "--data", directory.write("kana.txt", kana), "--corpus"}, 1,
          "are for 27 symbols");
}

TEST_CASE("the program: weights of four bits have at most 16 values a row, and say how") {
  const ladder::TemporaryDirectory directory;
  const std::string file = directory.file("four");
  REQUIRE(program.run({"--quiet", "--microgpt", "--bits", "4", "--weights", file}).status == 0);
  const ladder::Weights weights = ladder::load_weights(file);
  CHECK_THAT(weights.metadata.at("command"),
             ContainsSubstring("06_gpt_adam --microgpt --bits 4 --"));
  const auto& head = weights.tensors.at("lm_head").values;
  for (std::size_t row = 0; row < head.size(); row += 16) {
    float largest = 0;
    for (std::size_t i = row; i < row + 16; ++i) {
      if (std::abs(head[i]) > std::abs(largest)) largest = head[i];
    }
    for (std::size_t i = row; i < row + 16; ++i) {
      const float code = head[i] / largest * -8;
      REQUIRE_THAT(code, Catch::Matchers::WithinAbs(std::round(code), 1e-4));
    }
  }
}
