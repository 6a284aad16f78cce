#include <filesystem>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <nlohmann/json.hpp>

#include "06_gpt_adam/gpt_weights.hpp"
#include "common/error.hpp"
#include "common/results.hpp"
#include "common/shipped.hpp"

using namespace ladder;
using Catch::Matchers::WithinAbs;

TEST_CASE("a GPT survives the file, every variant") {
  for (const bool gains : {true, false}) {
    for (const int n_head : {1, 4}) {
      Gpt gpt({.vocab_size = 9, .n_head = n_head, .gains = gains}, Random(3));
      const Weights weights = parse_safetensors(to_safetensors(to_weights(gpt)), "memory");
      Gpt back = gpt_from_weights(weights);
      CHECK(back.config().n_head == n_head);
      CHECK(back.config().gains == gains);
      const std::vector<Tokens> names = {{1, 2, 7}, {0}};
      CHECK_THAT(back.nll(names), WithinAbs(gpt.nll(names), 1e-6));
      CHECK(back.nll(names) == gpt_from_weights(to_weights(back)).nll(names));
    }
  }
}

TEST_CASE("weights that are no GPT's are refused") {
  Gpt gpt({.vocab_size = 9, .n_head = 4, .gains = false}, Random(3));
  const Weights good = to_weights(gpt);
  const auto refused = [&](auto&& damage) {
    Weights weights = good;
    damage(weights);
    CHECK_THROWS_AS(gpt_from_weights(weights), Error);
  };
  refused([](Weights& w) { w.tensors.erase("wte"); });
  refused([](Weights& w) { w.tensors.erase("layer0.mlp_fc2"); });
  refused([](Weights& w) { w.tensors["wte"].shape = {16, 9}; });
  refused([](Weights& w) { w.tensors["lm_head"] = w.tensors["wpe"]; });
  refused([](Weights& w) { w.metadata["n_head"] = "3"; });
  refused([](Weights& w) { w.metadata["n_head"] = "many"; });
  refused([](Weights& w) { w.tensors["final_norm"] = w.tensors["wpe"]; });
}

TEST_CASE("golden names reach every letter, every position and both ends of the block") {
  const Tokenizer tokenizer = Tokenizer::canonical();
  std::vector<bool> letters(26, false);
  std::size_t longest = 0;
  for (const std::string& name : golden_names()) {
    for (const int token : tokenizer.encode(name)) letters[static_cast<std::size_t>(token)] = true;
    longest = std::max(longest, name.size());
  }
  CHECK(std::count(letters.begin(), letters.end(), true) == 26);
  CHECK(longest == Gpt::block_size - 1);
}

// CPython wrote them (07_fast_inference, golden.py): the judge is never the judged.
TEST_CASE("the shipped golden logits are those of the shipped weights, to 1e-12") {
  Gpt gpt = gpt_from_weights(load_weights(shipped_weights_path()));
  CHECK(count_numbers(gpt.parameters()) == 4192);
  const Tokenizer tokenizer = Tokenizer::canonical();
  const nlohmann::json golden = read_json(shipped_golden_path());
  REQUIRE(golden.at("names").size() == golden_names().size());
  const NextLogits next_logits = gpt.next_logits();
  for (const auto& entry : golden.at("names")) {
    const Tokens tokens = tokenizer.encode(entry.at("name").get<std::string>());
    for (std::size_t t = 0; t <= tokens.size(); ++t) {
      const auto expected = entry.at("logits").at(t).get<std::vector<double>>();
      const auto logits = next_logits(std::span(tokens).first(t));
      REQUIRE(expected.size() == logits.size());
      for (std::size_t i = 0; i < logits.size(); ++i) {
        CHECK_THAT(logits[i], WithinAbs(expected[i], 1e-12));
      }
    }
  }
}
