#include "common/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "common/error.hpp"
#include "common/random.hpp"

namespace ladder {

std::uint32_t first_random_state(std::uint64_t seed, std::uint64_t stream) {
  const std::uint64_t stirred = Random(seed).bits();
  const auto state = static_cast<std::uint32_t>(Random(stirred + stream).bits() >> 32);
  return state != 0 ? state : 0x7FEB352Du;
}

int sample_index(std::span<const double> weights, double u) {
  // BEGIN SOLUTION 01.sample_index
  const double threshold = u * std::accumulate(weights.begin(), weights.end(), 0.0);
  double sum = 0;
  for (std::size_t i = 0; i + 1 < weights.size(); ++i) {
    sum += weights[i];
    if (sum > threshold) return static_cast<int>(i);
  }
  return static_cast<int>(weights.size()) - 1;
  // END SOLUTION
}

namespace {

double largest_logit(std::span<const double> logits) {
  double largest = -std::numeric_limits<double>::infinity();
  bool numbers = true;
  for (const double logit : logits) {
    numbers = numbers && !std::isnan(logit);
    largest = std::max(largest, logit);
  }
  if (!numbers || !std::isfinite(largest)) {
    throw Error("the model's logits are not numbers; did it diverge?");
  }
  return largest;
}

}  // namespace

std::vector<double> softmax_weights(std::span<const double> logits, double temperature) {
  if (!(temperature > 0) || std::isinf(temperature)) {
    throw UsageError("--temperature must be a number above 0");
  }
  const double largest = largest_logit(logits);
  std::vector<double> weights;
  for (const double logit : logits) weights.push_back(std::exp((logit - largest) / temperature));
  return weights;
}

int next_token(std::span<const double> logits, double temperature, double u) {
  if (temperature != 0) return sample_index(softmax_weights(logits, temperature), u);
  const double largest = largest_logit(logits);
  return static_cast<int>(std::find(logits.begin(), logits.end(), largest) - logits.begin());
}

Tokens sample_name(const NextLogits& next_logits, int bos, int block_size, double temperature,
                   Xorshift32& random, const Tokens& start) {
  Tokens name = start;
  while (static_cast<int>(name.size()) < block_size) {
    const int token = next_token(next_logits(name), temperature, random.uniform());
    if (token == bos) break;
    name.push_back(token);
  }
  return name;
}

std::vector<double> token_nlls(const NextLogits& next_logits, const Tokens& name, int bos,
                               int block_size) {
  const std::size_t predictions = std::min(name.size() + 1, static_cast<std::size_t>(block_size));
  std::vector<double> nats;
  for (std::size_t i = 0; i < predictions; ++i) {
    const int target = i < name.size() ? name[i] : bos;
    const auto logits = next_logits(std::span(name).first(i));
    const auto weights = softmax_weights(logits, 1.0);
    const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
    // -ln(weight / total), which stays finite where the weight itself is too small for a double.
    nats.push_back(std::log(total) + largest_logit(logits) -
                   logits[static_cast<std::size_t>(target)]);
  }
  return nats;
}

double name_nll(const NextLogits& next_logits, const Tokens& name, int bos, int block_size) {
  const std::vector<double> nats = token_nlls(next_logits, name, bos, block_size);
  return std::accumulate(nats.begin(), nats.end(), 0.0) / static_cast<double>(nats.size());
}

}  // namespace ladder
