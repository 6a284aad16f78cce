// The weights that this stage reads, and those it refuses.
#include <cmath>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "06_gpt_adam/gpt_weights.hpp"
#include "07_fast_inference/engines.hpp"
#include "common/error.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;

namespace {

// The one clear line that weights damaged in this way are refused with.
template <class Damage>
std::string refusal(Damage&& damage) {
  Weights weights = to_weights(random_model(1));
  damage(weights);
  try {
    read_model(weights);
  } catch (const Error& error) {
    return error.what();
  }
  return "not refused";
}

}  // namespace

TEST_CASE("weights are read back as written") {
  const MicroGpt model = random_model(1);
  const MicroGpt again = read_model(parse_safetensors(to_safetensors(to_weights(model)), "memory"));
  CHECK(again.lm_head[26][15] == model.lm_head[26][15]);
  CHECK(again.mlp_fc2[3][60] == model.mlp_fc2[3][60]);
}

TEST_CASE("weights of another model are refused with one clear line") {
  const auto refused = [](const char* why, auto&& damage) {
    const std::string line = refusal(damage);
    CHECK_THAT(line, ContainsSubstring(why));
    CHECK(line.find('\n') == std::string::npos);
  };
  refused("alphabet of 40", [](Weights& w) {
    w.tensors["wte"] = {{40, 16}, std::vector<float>(640)};
  });
  refused("layer0.mlp_fc1", [](Weights& w) { w.tensors["layer0.mlp_fc1"].shape = {16, 64}; });
  refused("10 tensors", [](Weights& w) {
    w.tensors["final_norm"] = {{16}, std::vector<float>(16)};
  });
  refused("wpe", [](Weights& w) { w.tensors["wpe"].values[5] = std::nanf(""); });
  refused("wpe", [](Weights& w) { w.tensors["wpe"].values[5] = HUGE_VALF; });
  refused("lm_head", [](Weights& w) { w.tensors.erase("lm_head"); });
  refused("heads", [](Weights& w) { w.metadata["n_head"] = "2"; });
}

TEST_CASE("a file cut short is refused wherever it was cut") {
  const std::string whole = to_safetensors(to_weights(random_model(1)));
  for (std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{100}, whole.size() - 1}) {
    CHECK_THROWS_AS(parse_safetensors(whole.substr(0, size), "memory"), Error);
  }
}

TEST_CASE("names of the engines") {
  CHECK(find_engine("tables").precision == "fp32");
  CHECK_THROWS_WITH(find_engine("abacus"), ContainsSubstring("tables"));
}
