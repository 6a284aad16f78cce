#include <cmath>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "06_gpt_adam/gpt_weights.hpp"
#include "07_fast_inference/judge/reference.hpp"
#include "07_fast_inference/test_golden.hpp"
#include "common/largest.hpp"
#include "common/shipped.hpp"

using namespace ladder;

namespace {

// The largest difference of a logit of 20 names, between the plain loops and stage 06.
double largest_difference_of(const Weights& weights) {
  Reference reference(read_model(weights));
  Gpt gpt = gpt_from_weights(weights);
  const NextLogits next_logits = gpt.next_logits();
  Random random(3);
  double largest = 0;
  for (int names = 0; names < 20; ++names) {
    Tokens name;
    for (int position = 0; position < block_size; ++position) {
      const int token = position == 0 ? bos_token : name.back();
      largest = larger_or_nan(
          largest, largest_difference(reference.logits(token, position), next_logits(name)));
      name.push_back(static_cast<int>(random.below(26)));
    }
  }
  return largest;
}

}  // namespace

// The judge is never the judged: three programs that share no line agree.
TEST_CASE("the plain loops in double precision are stage 06's forward pass") {
  const float sigma = GENERATE(0.08f, 0.5f);
  CHECK(largest_difference_of(to_weights(random_model(7, sigma))) < 1e-12);
}

TEST_CASE("the plain loops are stage 06's forward pass of weights with gains too") {
  const float sigma = GENERATE(0.08f, 0.5f);
  Weights weights = weights_with_gains(7, sigma);
  // Gains go into matrices of floats, which rounds …
  CHECK(largest_difference_of(weights) < 1e-5);
  // … but powers of 2.
  for (const char* name : {"layer0.attn_norm", "layer0.mlp_norm", "final_norm"}) {
    for (float& gain : weights.tensors.at(name).values) {
      gain = std::copysign(std::exp2(std::round(std::log2(std::abs(gain)))), gain);
    }
  }
  CHECK(largest_difference_of(weights) < 1e-12);
}

TEST_CASE("the plain loops have the golden logits") {
  Reference reference(read_model(load_weights(shipped_weights_path())));
  const LogitsOf logits = [&](Place place) {
    return reference.logits(place.token, place.position);
  };
  CHECK(largest_golden_error(logits, shipped_golden_path()) < 1e-12);
}
