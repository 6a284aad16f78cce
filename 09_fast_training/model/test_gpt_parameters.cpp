#include <catch2/catch_test_macros.hpp>

#include "06_gpt_adam/gpt_weights.hpp"
#include "07_fast_inference/model/model.hpp"
#include "09_fast_training/test_names.hpp"
#include "common/error.hpp"
#include "common/test_support.hpp"

using namespace ladder;

TEST_CASE("the published numbers of parameters") {
  CHECK(GptParameters({16, 27, true}).values.size() == 4240);
  CHECK(GptParameters({16, 27, false}).values.size() == 4192);
  CHECK(GptParameters({64, 27, false}).values.size() == 12 * 64 * 64 + (27 + 27 + 16) * 64);
}

TEST_CASE("every number of the array belongs to one tensor") {
  for (const bool gains : {true, false}) {
    const GptShape shape = {32, 30, gains};
    std::vector<int> owners(TensorOffsets(shape).size);
    for (const NamedTensor& tensor : named_tensors(shape)) {
      for (std::size_t i = 0; i < tensor.size(); ++i) ++owners[tensor.offset + i];
    }
    CHECK(owners == std::vector<int>(owners.size(), 1));
  }
}

TEST_CASE("the first weights are stage 06's, whichever way they come") {
  for (const bool gains : {true, false}) {
    Gpt gpt({.vocab_size = 27, .n_head = 4, .gains = gains}, Random(5));
    const GptParameters drawn = draw_parameters({16, 27, gains}, Random(5));
    CHECK(parameters_of(gpt).values == drawn.values);
    CHECK(parameters_of(gpt).shape == drawn.shape);
    const Weights weights = to_weights(drawn), expected = to_weights(gpt);
    CHECK(weights.metadata == expected.metadata);
    REQUIRE(weights.tensors.size() == expected.tensors.size());
    for (const auto& [name, tensor] : expected.tensors) {
      CAPTURE(name);
      CHECK(weights.get(name, tensor.shape).values == tensor.values);
    }
  }
}

TEST_CASE("weights come back from a file's tensors, and stages 06 and 07 read them at width 16") {
  for (const int width : gpt_widths) {
    const GptParameters parameters = random_parameters({width, 27, true}, 1);
    const GptParameters back = parameters_from_weights(to_weights(parameters));
    CHECK(back.shape == parameters.shape);
    CHECK(largest_relative(back, parameters) < 1e-7);
  }
  const Weights weights = to_weights(random_parameters({16, 27, false}, 2));
  Gpt gpt = gpt_from_weights(weights);
  CHECK(parameters_of(gpt).values == parameters_from_weights(weights).values);
  CHECK(read_model(weights).mlp_fc2[3][5] ==
        weights.tensors.at("layer0.mlp_fc2").values[3 * 64 + 5]);
}

TEST_CASE("weights of another shape are refused in one line") {
  const auto refused = [](const Weights& weights) {
    return message_of<Error>([&] { parameters_from_weights(weights); });
  };
  CHECK(refused({}) == "the weights have no matrix 'wte'; are they a GPT's?");
  Weights weights = to_weights(random_parameters({16, 27, false}, 2));
  weights.tensors["wte"] = {{27, 24}, std::vector<float>(27 * 24)};
  CHECK(refused(weights) == "a width of 24 is not compiled; take one of 16, 32, 64, 128");
  weights.tensors["wte"] = {{1, 16}, std::vector<float>(16)};
  CHECK(refused(weights).starts_with("the weights are for 1 symbols"));
  weights.tensors["wte"] = {{27, 32}, std::vector<float>(27 * 32)};
  CHECK(refused(weights).find("wpe") != std::string::npos);
}

TEST_CASE("a model with one head is no model of this stage") {
  Gpt gpt({.vocab_size = 27, .n_head = 1, .gains = true}, Random(1));
  CHECK(message_of<Error>([&] { parameters_of(gpt); }).starts_with("this model has n_head 1"));
}
