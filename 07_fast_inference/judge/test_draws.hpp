#pragma once
/// \file
/// Has an engine drawn what the contract says, but for rounding?

#include <numeric>
#include <span>

#include "07_fast_inference/judge/reference.hpp"
#include "common/sampling.hpp"

namespace ladder {

/// How far rounding can move a running sum of probabilities. Logits that are off by at most e move
/// it by e / (2 T) at most: its derivative by logit j is p_j (1 - S) / T for j up to the last one
/// summed, -p_j S / T beyond, and S (1 - S) is at most 1/4. Powers of 2 with exponents up to 100
/// are off by 3e-6 of their size in single precision, and adding up 27 of them by 27 · 2^-24.
inline double rounding_slack(double logit_error, double temperature) {
  return logit_error / (2 * temperature) + 5e-6;
}

/// How many of a stream's tokens the contract would not have drawn. Where u falls next to a running
/// sum, two engines that round differently draw neighbouring tokens, and from there on write other
/// names; so each token is judged by itself, after those that the engine had written before it.
/// \param tokens  (steps, streams)
/// \param slack   of a running sum, as a share of the total
inline std::size_t count_wrong_draws(const LogitsOf& judge, std::span<const std::uint8_t> tokens,
                                     std::size_t stream, std::size_t streams, std::uint64_t seed,
                                     double temperature, double slack) {
  Xorshift32 random(seed, stream);
  Place place;
  std::size_t wrong = 0;
  for (std::size_t i = stream; i < tokens.size(); i += streams) {
    const auto weights = softmax_weights(judge(place), temperature);
    const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
    const auto token = weights.begin() + tokens[i];
    const double before = std::accumulate(weights.begin(), token, 0.0) / total;
    const double u = static_cast<double>(random.uniform());
    wrong += !(u > before - slack && u < before + *token / total + slack);
    // Not by next_place(), which is on trial too.
    const bool ends = tokens[i] == 26 || place.position == 15;
    place = ends ? Place{26, 0} : Place{tokens[i], place.position + 1};
  }
  return wrong;
}

/// The same for all streams together.
inline std::size_t count_wrong_draws(const LogitsOf& judge, std::span<const std::uint8_t> tokens,
                                     std::size_t streams, std::uint64_t seed, double temperature,
                                     double slack) {
  std::size_t wrong = 0;
  for (std::size_t stream = 0; stream < streams; ++stream) {
    wrong += count_wrong_draws(judge, tokens, stream, streams, seed, temperature, slack);
  }
  return wrong;
}

}  // namespace ladder
