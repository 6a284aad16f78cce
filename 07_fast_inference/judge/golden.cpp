// What the judge says of an engine: how far its logits are from the reference's and from the golden
// ones, and what it makes of names.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "07_fast_inference/judge/reference.hpp"
#include "common/error.hpp"
#include "common/largest.hpp"
#include "common/results.hpp"
#include "common/shipped.hpp"

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

LogitsOf logits_of(Engine& engine) {
  return [&engine](Place place) {
    const Logits logits = engine.logits(place.token, place.position);
    std::array<double, vocab_size> result;
    std::copy(logits.begin(), logits.end(), result.begin());
    return result;
  };
}

double largest_error(Engine& engine, const MicroGpt& model, std::span<const Tokens> names) {
  Reference reference(model);
  const LogitsOf logits = logits_of(engine);
  double largest = 0;
  for (const Tokens& name : names) {
    for_each_prediction(reference, name, [&](const auto& expected, int, Place place) {
      largest = larger_or_nan(largest, largest_difference(logits(place), expected));
    });
  }
  return largest;
}

double largest_golden_error(const LogitsOf& logits, const std::string& path) {
  using Rows = std::vector<std::vector<double>>;
  const Error none(
      fmt::format("{} holds no golden logits; 06_gpt_adam --golden writes them", path));
  std::vector<std::pair<Tokens, Rows>> golden;
  try {
    const nlohmann::json file = read_json(path);
    for (const auto& entry : file.at("names")) {
      golden.emplace_back(Tokenizer::canonical().encode(entry.at("name").get<std::string>()),
                          entry.at("logits").get<Rows>());
    }
  } catch (const nlohmann::json::exception&) {
    throw none;
  }
  if (golden.empty()) throw none;
  double largest = 0;
  for (const auto& [name, expected] : golden) {
    if (expected.size() != std::min<std::size_t>(name.size() + 1, block_size)) throw none;
    for (std::size_t t = 0; t < expected.size(); ++t) {
      if (expected[t].size() != vocab_size) throw none;
      const Place place{t == 0 ? bos_token : name[t - 1], static_cast<int>(t)};
      largest = larger_or_nan(largest, largest_difference(logits(place), expected[t]));
    }
  }
  return largest;
}

double largest_golden_error(Engine& engine) {
  return largest_golden_error(logits_of(engine), shipped_golden_path());
}

double mean_nll(Engine& engine, std::span<const Tokens> names) {
  return mean_nll_of(engine, names);
}

double mean_nll(Reference& reference, std::span<const Tokens> names) {
  return mean_nll_of(reference, names);
}

}  // namespace ladder
