#include "07_fast_inference/reference.hpp"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "common/results.hpp"

namespace ladder {
namespace {

// Feeds BOS and the letters of a name; calls f(logits, target) for each prediction.
template <class Model, class F>
void for_each_prediction(Model& model, const Tokens& name, F&& f) {
  int token = bos_token;
  for (int position = 0; position < block_size; ++position) {
    const auto p = static_cast<std::size_t>(position);
    const int target = p < name.size() ? name[p] : bos_token;
    f(model.logits(token, position), target, Place{token, position});
    if (p >= name.size()) break;
    token = target;
  }
}

// Largest |logit - expected|; a NaN is as far off as can be.
double difference(const Logits& logits, std::span<const double> expected) {
  double largest = 0;
  for (std::size_t i = 0; i < vocab_size; ++i) {
    const double error = std::abs(static_cast<double>(logits[i]) - expected[i]);
    largest = std::isnan(error) ? HUGE_VAL : std::max(largest, error);
  }
  return largest;
}

template <class Model>
double mean_nll_of(Model& model, std::span<const Tokens> names) {
  double nats = 0;
  long predictions = 0;
  for (const Tokens& name : names) {
    for_each_prediction(model, name, [&](const auto& logits, int target, Place) {
      double total = 0;
      for (const double logit : logits) total += std::exp(logit);
      nats += std::log(total) - static_cast<double>(logits[static_cast<std::size_t>(target)]);
      ++predictions;
    });
  }
  return nats / static_cast<double>(predictions);
}

}  // namespace

Reference::Reference(const MicroGpt& model)
    : gpt_(gpt_from_weights(to_weights(model))), next_logits_(gpt_.next_logits()) {}

std::array<double, vocab_size> Reference::logits(int token, int position) {
  name_.resize(static_cast<std::size_t>(position));  // BOS is not among its letters
  if (position > 0) name_.back() = token;
  const std::vector<double> row = next_logits_(name_);
  std::array<double, vocab_size> result;
  std::copy(row.begin(), row.end(), result.begin());
  return result;
}

double largest_error(Engine& engine, const MicroGpt& model, std::span<const Tokens> names) {
  Reference reference(model);
  double largest = 0;
  for (const Tokens& name : names) {
    for_each_prediction(reference, name, [&](const auto& expected, int, Place place) {
      const Logits logits = engine.logits(place.token, place.position);
      largest = std::max(largest, difference(logits, expected));
    });
  }
  return largest;
}

double largest_golden_error(Engine& engine) {
  const nlohmann::json golden = read_json(shipped_golden_path());
  double largest = 0;
  for (const auto& entry : golden.at("names")) {
    const Tokens name = Tokenizer::canonical().encode(entry.at("name").get<std::string>());
    const auto expected = entry.at("logits").get<std::vector<std::vector<double>>>();
    for_each_prediction(engine, name, [&](const Logits& logits, int, Place place) {
      const auto& row = expected.at(static_cast<std::size_t>(place.position));
      largest = std::max(largest, difference(logits, row));
    });
  }
  return largest;
}

double mean_nll(Engine& engine, std::span<const Tokens> names) {
  return mean_nll_of(engine, names);
}

double mean_nll(Reference& reference, std::span<const Tokens> names) {
  return mean_nll_of(reference, names);
}

}  // namespace ladder
