#include "07_fast_inference/reference.hpp"

#include <algorithm>
#include <cmath>

namespace ladder {
namespace {

template <std::size_t out, std::size_t in>
std::array<double, out> matvec(const float (&weights)[out][in], const std::array<double, in>& x) {
  std::array<double, out> y{};
  for (std::size_t i = 0; i < out; ++i) {
    for (std::size_t j = 0; j < in; ++j) y[i] += static_cast<double>(weights[i][j]) * x[j];
  }
  return y;
}

std::array<double, n_embd> rmsnorm(std::array<double, n_embd> x) {
  double squares = 0;
  for (const double value : x) squares += value * value;
  const double scale = 1 / std::sqrt(squares / n_embd + 1e-5);
  for (double& value : x) value *= scale;
  return x;
}

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

std::array<double, vocab_size> Reference::logits(int token, int position) {
  if (position == 0) {
    keys_.clear();
    values_.clear();
  }
  Row x;
  for (std::size_t i = 0; i < n_embd; ++i) {
    x[i] = static_cast<double>(model_.wte[token][i]) + static_cast<double>(model_.wpe[position][i]);
  }
  x = rmsnorm(x);

  // Attention: each head looks back over its own four dimensions.
  const Row h = rmsnorm(x);
  const Row query = matvec(model_.attn_wq, h);
  keys_.push_back(matvec(model_.attn_wk, h));
  values_.push_back(matvec(model_.attn_wv, h));
  Row attention{};
  for (std::size_t head = 0; head < n_embd; head += head_dim) {
    std::vector<double> weights;
    for (const Row& key : keys_) {
      double score = 0;
      for (std::size_t i = head; i < head + head_dim; ++i) score += query[i] * key[i];
      weights.push_back(score / 2);  // 2 = √head_dim
    }
    const double largest = *std::max_element(weights.begin(), weights.end());
    double total = 0;
    for (double& weight : weights) total += weight = std::exp(weight - largest);
    for (std::size_t t = 0; t < values_.size(); ++t) {
      for (std::size_t i = head; i < head + head_dim; ++i) {
        attention[i] += weights[t] / total * values_[t][i];
      }
    }
  }
  const Row mixed = matvec(model_.attn_wo, attention);
  for (std::size_t i = 0; i < n_embd; ++i) x[i] += mixed[i];

  // MLP
  auto hidden = matvec(model_.mlp_fc1, rmsnorm(x));
  for (double& value : hidden) value = std::max(value, 0.0);
  const Row down = matvec(model_.mlp_fc2, hidden);
  for (std::size_t i = 0; i < n_embd; ++i) x[i] += down[i];

  return matvec(model_.lm_head, x);
}

double largest_error(Engine& engine, const MicroGpt& model, std::span<const Tokens> names) {
  Reference reference(model);
  double largest = 0;
  for (const Tokens& name : names) {
    for_each_prediction(reference, name, [&](const auto& expected, int, Place place) {
      const Logits logits = engine.logits(place.token, place.position);
      for (std::size_t i = 0; i < vocab_size; ++i) {
        const double error = std::abs(static_cast<double>(logits[i]) - expected[i]);
        largest = std::isnan(error) ? HUGE_VAL : std::max(largest, error);
      }
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
