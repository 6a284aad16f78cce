// The engines on tiles: their stated bounds, their names, sums that must not overflow; by the model
// of the tiles everywhere, by the instructions where there are any.
#include <cmath>
#include <string>
#include <thread>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "07_fast_inference/judge/reference.hpp"
#include "07_fast_inference/judge/test_draws.hpp"
#include "07_fast_inference/test_golden.hpp"
#include "08_hardware/amx/machine.hpp"
#include "08_hardware/amx/tile_streams.hpp"
#include "common/largest.hpp"

using namespace ladder;
using Catch::Matchers::WithinAbs;

namespace {

constexpr std::size_t n_streams = TileStreams::streams;

struct Case {
  std::string name;
  bool bytes;
  TileKernel kernel;
  double bound() const { return bytes ? TileEngine::int8_bound : TileEngine::bfloat_bound; }
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const bool bytes : {false, true}) {
    all.push_back({"the model", bytes, model_kernel(bytes)});
#if defined(__x86_64__)
    if (no_tiles_because().empty()) all.push_back({"the instructions", bytes, amx_kernel(bytes)});
#endif
  }
  return all;
}

std::vector<std::uint8_t> written(const MicroGpt& model, TileKernel kernel, std::size_t steps,
                                  float temperature = 1) {
  TileEngine engine(model, kernel);
  std::vector<std::uint8_t> tokens(n_streams * steps);
  engine.start(42, temperature);
  engine.generate(tokens);
  return tokens;
}

// The largest difference between logits, relative to the largest logit of the reference.
double relative_error(Engine& engine, const MicroGpt& model, std::span<const Tokens> names) {
  Reference reference(model);
  double largest_logit = 0;
  for (const Tokens& name : names) {
    for (std::size_t t = 0; t < name.size(); ++t) {
      const int token = t == 0 ? bos_token : name[t - 1];
      for (const double logit : reference.logits(token, static_cast<int>(t))) {
        largest_logit = larger_or_nan(largest_logit, std::abs(logit));
      }
    }
  }
  return largest_error(engine, model, names) / largest_logit;
}

}  // namespace

TEST_CASE("amx: logits stay within their stated bounds of the golden ones") {
  for (const Case& each : cases()) {
    CAPTURE(each.name, each.bytes);
    TileEngine engine(shipped_model(), each.kernel);
    const double error = largest_golden_error(engine);
    UNSCOPED_INFO("error " << error);
    CHECK(error < each.bound());
    CHECK(error > 1e-4);  // it is no floating point of 32 bits in disguise
  }
}

TEST_CASE("amx: fewer bits cost no more than 0.002 nats", "[nll]") {
  const MicroGpt model = shipped_model();
  const auto names = corpus_names(500);
  Reference reference(model);
  const double expected = mean_nll(reference, names);
  for (const Case& each : cases()) {
    CAPTURE(each.name, each.bytes);
    TileEngine engine(model, each.kernel);
    const double nll = mean_nll(engine, names);
    UNSCOPED_INFO("more " << nll - expected);
    CHECK_THAT(nll, WithinAbs(expected, 0.002));
  }
}

TEST_CASE("amx: tokens are drawn as the contract says, from the engine's own logits") {
  const bool final_norm = GENERATE(false, true);
  const MicroGpt model = final_norm ? random_model(5, 0.3f, true) : shipped_model();
  for (const Case& each : cases()) {
    CAPTURE(each.name, each.bytes, final_norm);
    TileEngine judge_engine(model, each.kernel);
    const LogitsOf judge = logits_of(judge_engine);
    const auto tokens = written(model, each.kernel, 20, 0.8f);
    // The head's weights are rounded after they were scaled by the temperature: logits differ.
    CHECK(count_wrong_draws(judge, tokens, n_streams, 42, 0.8, rounding_slack(0.1, 0.8)) == 0);
  }
}

TEST_CASE("amx: tokens are those of double precision, or lie beside them") {
  ReferenceEngine reference(shipped_model());
  const LogitsOf judge = logits_of(reference);
  for (const Case& each : cases()) {
    CAPTURE(each.name, each.bytes);
    const auto tokens = written(shipped_model(), each.kernel, 50);
    CHECK(count_wrong_draws(judge, tokens, n_streams, 42, 1, each.bytes ? 0.2 : 0.02) == 0);
  }
}

TEST_CASE("amx: the instructions write the model's names", "[hardware]") {
  const std::string why_not = no_tiles_because();
  if (!why_not.empty()) SKIP(why_not << "; scripts/emulate_amx.sh runs this test on Bochs");
#if defined(__x86_64__)
  for (const bool bytes : {false, true}) {
    CAPTURE(bytes);
    CHECK(written(shipped_model(), amx_kernel(bytes), 60) ==
          written(shipped_model(), model_kernel(bytes), 60));
  }
#endif
}

TEST_CASE("amx: a thread of its own configures its own tiles") {
  for (const Case& each : cases()) {
    CAPTURE(each.name, each.bytes);
    const auto here = written(shipped_model(), each.kernel, 16);
    std::vector<std::uint8_t> there;
    std::thread([&] { there = written(shipped_model(), each.kernel, 16); }).join();
    CHECK(here == there);
  }
}

TEST_CASE("amx: streams go on where they were") {
  for (const Case& each : cases()) {
    CAPTURE(each.name, each.bytes);
    TileEngine engine(shipped_model(), each.kernel);
    std::vector<std::uint8_t> pieces(n_streams * 30);
    engine.start(42, 1);
    for (std::size_t i = 0; i < pieces.size(); i += n_streams * 10) {
      engine.generate(std::span(pieces).subspan(i, n_streams * 10));
    }
    CHECK(written(shipped_model(), each.kernel, 30) == pieces);
  }
}

TEST_CASE("amx: no sum of 8-bit products leaves 16 bits before it is scaled") {
  const bool wild = GENERATE(false, true);
  MicroGpt model = wild ? random_model(4, 3, false) : shipped_model();
  if (wild) {
    for (float& weight : model.mlp_fc1[5]) weight = 2;  // all alike: the longest row there can be
  }
  const TileWeights weights(model);
  for (int k = 0; k < n_hidden; ++k) {
    double squares = 0;
    for (int j = 0; j < n_embd; ++j) {
      const int w = unpack<std::int8_t>(weights.fc1_bytes[k / 16][0], k % 16, j);
      squares += w * w;
      CHECK(w >= -127);
    }
    // The normed x is no longer than 127 integers, but for their rounding.
    CHECK(std::sqrt(squares) * 129 < 32768);
    CHECK(std::sqrt(squares) > 100);  // and small it is not either
  }
}

TEST_CASE("amx: any weights: tiny, wild, as large as can be, all zero") {
  const auto names = corpus_names(4);
  const bool final_norm = GENERATE(false, true);
  for (const float sigma : {0.0f, 1e-6f, 0.08f, 1.0f, 30.0f}) {
    const MicroGpt model = random_model(4, sigma, final_norm);
    for (const Case& each : cases()) {
      CAPTURE(each.name, each.bytes, sigma, final_norm);
      TileEngine engine(model, each.kernel);
      if (sigma > 0 && sigma < 10) CHECK(relative_error(engine, model, names) < 0.2);
      for (const auto token : written(model, each.kernel, 10)) REQUIRE(token <= bos_token);
    }
  }
}
