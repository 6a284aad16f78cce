#pragma once
/// \file
/// What every version is held to, on the device as on the emulated warp: the two tests differ in
/// the list of engines only.

#include <cmath>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "07_fast_inference/judge/reference.hpp"
#include "07_fast_inference/judge/test_draws.hpp"
#include "07_fast_inference/test_golden.hpp"
#include "08_hardware/cuda/emulated.hpp"
#include "common/largest.hpp"

namespace ladder::gpu {

inline bool is_fp32(const EngineKind& kind) { return kind.precision == "fp32"; }

/// Tokens of every stream, (steps, streams).
inline std::vector<std::uint8_t> written(Engine& engine, std::size_t steps, std::uint64_t seed,
                                         float temperature) {
  std::vector<std::uint8_t> tokens(steps * static_cast<std::size_t>(engine.streams()));
  engine.start(seed, temperature);
  engine.generate(tokens);
  return tokens;
}

/// The shipped weights' golden logits, within the bound that the list states.
inline void check_golden(const EngineKind& kind) {
  CAPTURE(kind.name);
  const auto engine = kind.make(shipped_model());
  const double error = largest_golden_error(*engine);
  UNSCOPED_INFO("error " << error);
  CHECK(error < kind.allowed_error);
  CHECK((is_fp32(kind) ? kind.allowed_error == fp32_error : error > 1e-3));
}

/// Random weights of both variants, small and large, names as long as can be.
inline void check_random_models(const EngineKind& kind) {
  auto names = corpus_names(12);
  names.push_back(Tokens(16, 7));
  names.push_back(Tokens());
  for (const bool final_norm : {false, true}) {
    for (const float sigma : {0.08f, 0.5f}) {
      CAPTURE(kind.name, final_norm, sigma);
      const MicroGpt model = random_model(3, sigma, final_norm);
      const double error = largest_error(*kind.make(model), model, names);
      UNSCOPED_INFO("error " << error);
      const double allowed = sigma < 0.1f ? 1e-5 : 1e-3;
      CHECK(error < (is_fp32(kind) ? allowed : 100 * allowed));
    }
  }
}

/// From any first token, with scores of hundreds.
inline void check_wild_scores(const EngineKind& kind) {
  MicroGpt model = random_model(9, 0.3f, true);
  for (auto* weights : {&model.attn_wq, &model.attn_wk}) {
    for (auto& row : *weights) {
      for (float& weight : row) weight *= 12;
    }
  }
  const auto engine = kind.make(model);
  Reference reference(model);
  double largest = 0;
  for (const int first : {0, 25, bos_token}) {
    int token = first;
    for (int position = 0; position < block_size; ++position, token = (token * 7 + 5) % 26) {
      const auto expected = reference.logits(token, position);
      const Logits logits = engine->logits(token, position);
      for (std::size_t i = 0; i < vocab_size; ++i) {
        largest = larger_or_nan(largest, std::abs(double{logits[i]} - expected[i]));
      }
    }
  }
  CAPTURE(kind.name, largest);
  // A score that is off by a hundredth of itself can turn a softmax; fewer bits are not asked here.
  CHECK(largest < (is_fp32(kind) ? 1e-3 : 2));
}

/// Every stream's tokens are those of 07's loops on the CPU, from the same seed; those of fewer
/// bits are drawn from their own logits, which are off by no more than they may be.
inline void check_names(const EngineKind& kind, std::size_t steps) {
  for (const bool final_norm : {false, true}) {
    CAPTURE(kind.name, final_norm);
    const MicroGpt model = final_norm ? random_model(5, 0.3f, true) : shipped_model();
    const auto engine = kind.make(model);
    const auto tokens = written(*engine, steps, 42, 0.8f);
    const auto streams = static_cast<std::size_t>(engine->streams());
    const auto loops = make_loops(model);
    if (!is_fp32(kind)) {
      const double slack = rounding_slack(kind.allowed_error, 0.8);
      CHECK(count_wrong_draws(logits_of(*loops), tokens, streams, 42, 0.8, slack) == 0);
      const auto judge = kind.make(model);
      for (const std::size_t stream : {std::size_t{0}, streams - 1}) {
        CHECK(count_wrong_draws(logits_of(*judge), tokens, stream, streams, 42, 0.8,
                                rounding_slack(1e-4, 0.8)) == 0);
      }
      continue;
    }
    for (std::size_t stream = 0; stream < std::min<std::size_t>(streams, 64); ++stream) {
      std::vector<std::uint8_t> expected(steps), found;
      loops->start(42, 0.8f, stream);
      loops->generate(expected);
      for (std::size_t i = 0; i < steps; ++i) found.push_back(tokens[i * streams + stream]);
      CHECK(found == expected);
    }
  }
}

/// Cold, hot, and what is added to every logit: large and negative.
inline void check_temperatures(const EngineKind& kind) {
  MicroGpt model = random_model(8, 0.5f, false);
  const auto check = [&](float temperature, double logit_error) {
    const auto engine = kind.make(model);
    const auto judge = make_loops(model);
    const auto tokens = written(*engine, 100, 3, temperature);
    const auto streams = static_cast<std::size_t>(engine->streams());
    const double slack = rounding_slack(logit_error, double{temperature});
    CAPTURE(kind.name, temperature);
    CHECK(count_wrong_draws(logits_of(*judge), tokens, 0, streams, 3, double{temperature}, slack) ==
          0);
  };
  for (const float temperature : {0.05f, 5.0f, 1000.0f}) {
    check(temperature, is_fp32(kind) ? 1e-4 : 0.1);
  }
  if (!is_fp32(kind)) return;  // logits of hundreds have no bits left behind the point
  for (auto& row : model.lm_head) {
    for (int i = 0; i < n_embd; ++i) row[i] += i % 2 == 0 ? 40.0f : -30.0f;
  }
  check(1, 1e-3);
}

/// Generating in pieces is generating at once, and again after another start.
inline void check_pieces(const EngineKind& kind) {
  CAPTURE(kind.name);
  const auto engine = kind.make(random_model(7, 0.3f));
  const auto n = static_cast<std::size_t>(engine->streams());
  const auto once = written(*engine, 60, 1, 1);
  CHECK(written(*engine, 60, 2, 1) != once);
  std::vector<std::uint8_t> pieces(60 * n);
  engine->start(1, 1);
  std::size_t done = 0;
  for (const std::size_t steps : {1, 2, 17, 40}) {
    engine->generate(std::span(pieces).subspan(done * n, steps * n));
    done += steps;
  }
  CHECK(once == pieces);
}

/// NLL of names: exact in fp32, else no more than 0.002 nats off.
inline void check_nll(const EngineKind& kind, std::size_t count) {
  CAPTURE(kind.name);
  const MicroGpt model = shipped_model();
  const auto names = corpus_names(count);
  Reference reference(model);
  const double expected = mean_nll(reference, names);
  const double nll = mean_nll(*kind.make(model), names);
  UNSCOPED_INFO("more " << nll - expected);
  CHECK_THAT(nll, Catch::Matchers::WithinAbs(expected, is_fp32(kind) ? 1e-5 : 0.002));
}

}  // namespace ladder::gpu
