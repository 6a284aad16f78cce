#include "07_fast_inference/judge/reference.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

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

// y = W x
template <std::size_t rows, std::size_t columns>
std::array<double, rows> multiply(const float (&weights)[rows][columns],
                                  const std::array<double, columns>& x) {
  std::array<double, rows> y{};
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) y[i] += double{weights[i][j]} * x[j];
  }
  return y;
}

// y = x / √(mean(x²) + 1e-5)
std::array<double, n_embd> rmsnorm(std::array<double, n_embd> x) {
  double squares = 0;
  for (const double value : x) squares += value * value;
  const double scale = 1 / std::sqrt(squares / n_embd + 1e-5);
  for (double& value : x) value *= scale;
  return x;
}

}  // namespace

std::array<double, vocab_size> Reference::logits(int token, int position) {
  const auto p = static_cast<std::size_t>(position);
  Vector x;
  for (std::size_t i = 0; i < n_embd; ++i) {
    x[i] = double{model_.wte[token][i]} + double{model_.wpe[position][i]};
  }
  if (!model_.final_norm) x = rmsnorm(x);

  const Vector h = rmsnorm(x);
  const Vector query = multiply(model_.attn_wq, h);
  keys_[p] = multiply(model_.attn_wk, h);
  values_[p] = multiply(model_.attn_wv, h);
  const Vector mixed = multiply(model_.attn_wo, attend(query, position));
  for (std::size_t i = 0; i < n_embd; ++i) x[i] += mixed[i];

  auto hidden = multiply(model_.mlp_fc1, rmsnorm(x));
  for (double& value : hidden) value = std::max(value, 0.0);
  const Vector down = multiply(model_.mlp_fc2, hidden);
  for (std::size_t i = 0; i < n_embd; ++i) x[i] += down[i];

  return multiply(model_.lm_head, model_.final_norm ? rmsnorm(x) : x);
}

Reference::Vector Reference::attend(const Vector& query, int position) const {
  const auto length = static_cast<std::size_t>(position) + 1;
  Vector result{};
  for (std::size_t head = 0; head < n_embd; head += head_dim) {
    std::array<double, block_size> weights{};
    for (std::size_t t = 0; t < length; ++t) {
      for (std::size_t i = head; i < head + head_dim; ++i) weights[t] += query[i] * keys_[t][i];
      weights[t] /= std::sqrt(double{head_dim});
    }
    const double largest = *std::max_element(weights.begin(), weights.begin() + position + 1);
    double total = 0;
    for (std::size_t t = 0; t < length; ++t) total += weights[t] = std::exp(weights[t] - largest);
    for (std::size_t i = head; i < head + head_dim; ++i) {
      for (std::size_t t = 0; t < length; ++t) result[i] += weights[t] / total * values_[t][i];
    }
  }
  return result;
}

void ReferenceEngine::forward(std::span<const Place> places, std::span<float> logits) {
  const auto row = reference_.logits(places[0].token, places[0].position);
  for (std::size_t i = 0; i < vocab_size; ++i) logits[i] = static_cast<float>(row[i]);
}

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
