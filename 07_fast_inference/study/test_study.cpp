// The quantization study: what is rounded how, and what an interval means.
#include <cmath>
#include <set>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "07_fast_inference/judge/reference.hpp"
#include "07_fast_inference/study/study.hpp"
#include "07_fast_inference/test_golden.hpp"
#include "common/error.hpp"
#include "common/largest.hpp"
#include "common/random.hpp"
#include "common/test_support.hpp"

using namespace ladder;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

LogitsOf reference_logits(Reference& reference) {
  return [&](Place place) { return reference.logits(place.token, place.position); };
}

double largest_of_group(const MicroGpt& model, int row, int start) {
  double largest = 0;
  for (int j = start; j < start + 8; ++j) {
    largest = larger_or_nan(largest, std::abs(model.mlp_fc2[row][j]));
  }
  return largest;
}

}  // namespace

TEST_CASE("weights are rounded to as many levels as the bits have, symmetric") {
  const int bits = GENERATE(2, 4, 8);
  const MicroGpt model = shipped_model();
  const MicroGpt rounded = round_weights(model, bits, whole_matrix);
  std::set<float> levels;
  float largest = 0;
  for (const auto& row : model.mlp_fc1) {
    for (const float weight : row)
      largest = static_cast<float>(larger_or_nan(largest, std::abs(weight)));
  }
  const float step = largest / static_cast<float>((1 << (bits - 1)) - 1);
  for (int i = 0; i < n_hidden; ++i) {
    for (int j = 0; j < n_embd; ++j) {
      levels.insert(rounded.mlp_fc1[i][j]);
      REQUIRE(std::abs(rounded.mlp_fc1[i][j] - model.mlp_fc1[i][j]) <= 0.5001f * step);
    }
  }
  CHECK(levels.size() <= static_cast<std::size_t>((1 << bits) - 1));
  CHECK(levels.size() >= std::min<std::size_t>(static_cast<std::size_t>((1 << bits) - 2), 60));
  CHECK(levels.contains(0.0f));
}

TEST_CASE("per row, each row keeps its own largest weight") {
  const MicroGpt model = shipped_model();
  const MicroGpt rounded = round_weights(model, 4, whole_row);
  for (int i = 0; i < n_embd; ++i) {
    double before = 0, after = 0;
    for (int j = 0; j < n_hidden; ++j) {
      before = larger_or_nan(before, std::abs(model.mlp_fc2[i][j]));
      after = larger_or_nan(after, std::abs(rounded.mlp_fc2[i][j]));
    }
    REQUIRE_THAT(after, WithinRel(before, 1e-6));
  }
}

TEST_CASE("per group, each group of a row keeps its own largest weight") {
  const MicroGpt model = shipped_model();
  const MicroGpt rounded = round_weights(model, 4, 8);
  for (int i = 0; i < n_embd; ++i) {
    for (int start = 0; start < n_hidden; start += 8) {
      double before = 0, after = 0;
      for (int j = start; j < start + 8; ++j) {
        before = larger_or_nan(before, std::abs(model.mlp_fc2[i][j]));
        after = larger_or_nan(after, std::abs(rounded.mlp_fc2[i][j]));
        const double step = std::abs(rounded.mlp_fc2[i][j] - model.mlp_fc2[i][j]);
        REQUIRE(step <= 0.5001 * largest_of_group(model, i, start) / 7);
      }
      REQUIRE_THAT(after, WithinRel(before, 1e-6));
    }
  }
}

TEST_CASE("bytes of weights: the bits, and a float for each scale") {
  CHECK(bytes_of_weights(8, whole_matrix) == 4192 + 9 * 4);
  CHECK(bytes_of_weights(4, whole_row) == 2096 + 214 * 4);  // 27 + 16 + 4 · 16 + 64 + 16 + 27 rows
  CHECK(bytes_of_weights(4, 16) == 2096 + 262 * 4);         // fc2's 16 rows have 4 groups each
  CHECK(bytes_of_weights(4, 8) == 2096 + 524 * 4);
  CHECK(bytes_of_weights(std::log2(3), whole_row) == 831 + 214 * 4);
}

TEST_CASE("the study's NLL is everyone's, and fewer bits cost more") {
  const MicroGpt model = shipped_model();
  const auto names = corpus_names(200);
  Reference exact(model);
  const double nll = mean_cost(name_costs(reference_logits(exact), names));
  CHECK_THAT(nll, WithinAbs(mean_nll(exact, names), 1e-12));
  double before = nll - 0.001;
  for (const int bits : {8, 4, 2}) {
    Reference rounded(round_weights(model, bits, whole_matrix));
    const double now = mean_cost(name_costs(reference_logits(rounded), names));
    CHECK(now > before);
    before = now;
  }
}

TEST_CASE("a bootstrap interval is as wide as theory says") {
  Random random(3);
  std::vector<NameCost> costs, shifted;
  for (int i = 0; i < 1000; ++i) {
    const double nats = 2 + random.normal();
    costs.push_back({nats, 1});
    shifted.push_back({nats + 0.5, 1});
  }
  const Estimate estimate = bootstrap(costs);
  CHECK(estimate.value == mean_cost(costs));
  // ±1.96 standard errors of 1/√1000
  CHECK_THAT(estimate.high - estimate.low, WithinAbs(2 * 1.96 / std::sqrt(1000.0), 0.012));
  CHECK(estimate.low < estimate.value);
  CHECK(estimate.value < estimate.high);
  // Seeded, so the same every time; paired, so that a difference which is certain is seen as such.
  CHECK(bootstrap(costs).low == estimate.low);
  CHECK(bootstrap(costs, {}, 2000, 2).low != estimate.low);
  const Estimate difference = bootstrap(shifted, costs);
  CHECK_THAT(difference.low, WithinAbs(0.5, 1e-9));
  CHECK_THAT(difference.high, WithinAbs(0.5, 1e-9));
}

TEST_CASE("the reference has the golden logits, and a broken golden file is refused") {
  Reference exact(shipped_model());
  const auto logits = reference_logits(exact);
  CHECK(largest_golden_error(logits, LADDER_ROOT "/common/data/microgpt_golden.json") < 1e-9);
  Reference other(random_model(1));
  CHECK(largest_golden_error(reference_logits(other),
                             LADDER_ROOT "/common/data/microgpt_golden.json") > 1);
  const TemporaryDirectory directory;
  std::string row = "[0";
  for (int i = 1; i < vocab_size; ++i) row += ",0";
  row += "]";
  // A name of one letter has two rows, of 27 numbers each.
  for (const std::string& broken :
       {std::string("{}"), std::string("[1]"), std::string(R"({"names": []})"),
        std::string(R"({"names": [{"name": "a", "logits": []}]})"),
        R"({"names": [{"name": "a", "logits": [)" + row + "]}]}",
        R"({"names": [{"name": "a", "logits": [)" + row + ",[0]]}]}",
        R"({"names": [{"name": "a", "logits": [)" + row + "," + row + "," + row + "]}]}"}) {
    CAPTURE(broken);
    CHECK_THROWS_AS(largest_golden_error(logits, directory.write("a.json", broken)), Error);
  }
  const std::string whole = R"({"names": [{"name": "a", "logits": [)" + row + "," + row + "]}]}";
  CHECK(largest_golden_error(logits, directory.write("a.json", whole)) > 1);
}
