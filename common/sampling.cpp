#include "common/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "common/error.hpp"

namespace ladder {

int sample_index(std::span<const double> weights, double u) {
  const double threshold = u * std::accumulate(weights.begin(), weights.end(), 0.0);
  double sum = 0;
  for (std::size_t i = 0; i + 1 < weights.size(); ++i) {
    sum += weights[i];
    if (sum > threshold) return static_cast<int>(i);
  }
  return static_cast<int>(weights.size()) - 1;
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

Tokens sample_name(const NextLogits& next_logits, int bos, int block_size, double temperature,
                   Xorshift32& random) {
  Tokens name;
  while (static_cast<int>(name.size()) < block_size) {
    const int token =
        sample_index(softmax_weights(next_logits(name), temperature), random.uniform());
    if (token == bos) break;
    name.push_back(token);
  }
  return name;
}

double name_nll(const NextLogits& next_logits, const Tokens& name, int bos, int block_size) {
  const std::size_t predictions = std::min(name.size() + 1, static_cast<std::size_t>(block_size));
  double nats = 0;
  for (std::size_t i = 0; i < predictions; ++i) {
    const int target = i < name.size() ? name[i] : bos;
    const auto logits = next_logits(std::span(name).first(i));
    const auto weights = softmax_weights(logits, 1.0);
    const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
    // -ln(weight / total), which stays finite where the weight itself is too small for a double.
    nats += std::log(total) + largest_logit(logits) - logits[static_cast<std::size_t>(target)];
  }
  return nats / static_cast<double>(predictions);
}

std::vector<Sample> sample_names(const NextLogits& next_logits, const Tokenizer& tokenizer,
                                 int count, int block_size, double temperature,
                                 std::uint64_t seed) {
  Xorshift32 random(static_cast<std::uint32_t>(seed));
  std::vector<Sample> samples;
  for (int i = 0; i < count; ++i) {
    const Tokens name = sample_name(next_logits, tokenizer.bos(), block_size, temperature, random);
    samples.push_back(
        {tokenizer.decode(name), name_nll(next_logits, name, tokenizer.bos(), block_size)});
  }
  return samples;
}

}  // namespace ladder
