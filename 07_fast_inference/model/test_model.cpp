// The weights that this stage reads, and those it refuses.
#include <cmath>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "06_gpt_adam/gpt_weights.hpp"
#include "07_fast_inference/engines.hpp"
#include "07_fast_inference/test_golden.hpp"
#include "common/error.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;

namespace {

// The one clear line that weights damaged in this way are refused with.
template <class Damage>
std::string refusal(Weights weights, Damage&& damage) {
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
  CHECK(!again.final_norm);
  CHECK(read_model(to_weights(random_model(1, 0.08f, true))).final_norm);
}

TEST_CASE("gains are in the columns of the matrices that read what they scale") {
  const MicroGpt plain = random_model(1);
  const Weights weights = weights_with_gains(1, 0.08f);  // the same matrices
  const MicroGpt model = read_model(weights);
  const auto check = [&](const auto& matrix, const auto& without, const char* gain) {
    for (std::size_t i = 0; i < std::size(matrix); ++i) {
      for (std::size_t j = 0; j < std::size(matrix[i]); ++j) {
        const double factor = gain ? double{weights.get(gain, {n_embd}).values[j]} : 1;
        REQUIRE(matrix[i][j] == static_cast<float>(double{without[i][j]} * factor));
      }
    }
  };
  check(model.attn_wq, plain.attn_wq, "layer0.attn_norm");
  check(model.attn_wk, plain.attn_wk, "layer0.attn_norm");
  check(model.attn_wv, plain.attn_wv, "layer0.attn_norm");
  check(model.mlp_fc1, plain.mlp_fc1, "layer0.mlp_norm");
  check(model.lm_head, plain.lm_head, "final_norm");
  check(model.wte, plain.wte, nullptr);
  check(model.wpe, plain.wpe, nullptr);
  check(model.attn_wo, plain.attn_wo, nullptr);
  check(model.mlp_fc2, plain.mlp_fc2, nullptr);
}

TEST_CASE("weights of another model are refused with one clear line") {
  const auto refused = [](const char* why, auto&& damage) {
    for (const bool gains : {false, true}) {
      const std::string line = refusal(to_weights(random_model(1, 0.08f, gains)), damage);
      CHECK_THAT(line, ContainsSubstring(why));
      CHECK(line.find('\n') == std::string::npos);
    }
  };
  refused("alphabet of 40", [](Weights& w) {
    w.tensors["wte"] = {{40, 16}, std::vector<float>(640)};
  });
  refused("layer0.mlp_fc1", [](Weights& w) { w.tensors["layer0.mlp_fc1"].shape = {16, 64}; });
  refused("'layer1.attn_wq' is no part",
          [](Weights& w) { w.tensors["layer1.attn_wq"] = w.tensors["layer0.attn_wq"]; });
  refused("wpe", [](Weights& w) { w.tensors["wpe"].values[5] = std::nanf(""); });
  refused("wpe", [](Weights& w) { w.tensors["wpe"].values[5] = HUGE_VALF; });
  refused("lm_head", [](Weights& w) { w.tensors.erase("lm_head"); });
  refused("heads", [](Weights& w) { w.metadata["n_head"] = "2"; });
}

TEST_CASE("gains that are none, or not all there, are refused with one clear line") {
  const std::string gains[] = {"layer0.attn_norm", "layer0.mlp_norm", "final_norm"};
  const auto refused = [](const std::string& why, auto&& damage) {
    const std::string line = refusal(weights_with_gains(1, 0.08f), damage);
    CHECK_THAT(line, ContainsSubstring(why));
    CHECK(line.find('\n') == std::string::npos);
  };
  for (const std::string& name : gains) {
    refused("no '" + name + "'", [&](Weights& w) { w.tensors.erase(name); });
    refused("gains, but no", [&](Weights& w) {  // this one alone
      for (const std::string& other : gains) {
        if (other != name) w.tensors.erase(other);
      }
    });
    refused("'" + name + "' has shape (15)", [&](Weights& w) {
      w.tensors[name] = {{15}, std::vector<float>(15, 1.0f)};
    });
    refused("'" + name + "' has shape (1, 16)", [&](Weights& w) {
      w.tensors[name].shape = {1, 16};
    });
    refused(name, [&](Weights& w) { w.tensors[name].values[3] = std::nanf(""); });
    refused(name, [&](Weights& w) { w.tensors[name].values[3] = -HUGE_VALF; });
  }
  refused("final_norm and the weights it scales are too large", [](Weights& w) {
    w.tensors["final_norm"].values[3] = w.tensors["lm_head"].values[3] = 1e20f;
  });
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
