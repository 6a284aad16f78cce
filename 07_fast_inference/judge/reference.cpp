#include "07_fast_inference/judge/reference.hpp"

#include <algorithm>
#include <cmath>

namespace ladder {
namespace {

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

Reference::Vector Reference::attend(const Vector& query, int position) {
  const auto length = static_cast<std::size_t>(position) + 1;
  Vector result{};
  for (std::size_t head = 0; head < n_embd; head += head_dim) {
    std::array<double, block_size>& weights = attention_[head / head_dim];
    weights = {};
    for (std::size_t t = 0; t < length; ++t) {
      for (std::size_t i = head; i < head + head_dim; ++i) weights[t] += query[i] * keys_[t][i];
      weights[t] /= std::sqrt(double{head_dim});
    }
    const double largest = *std::max_element(weights.begin(), weights.begin() + position + 1);
    double total = 0;
    for (std::size_t t = 0; t < length; ++t) total += weights[t] = std::exp(weights[t] - largest);
    for (std::size_t t = 0; t < length; ++t) weights[t] /= total;
    for (std::size_t i = head; i < head + head_dim; ++i) {
      for (std::size_t t = 0; t < length; ++t) result[i] += weights[t] * values_[t][i];
    }
  }
  return result;
}

void ReferenceEngine::forward(std::span<const Place> places, std::span<float> logits) {
  const auto row = reference_.logits(places[0].token, places[0].position);
  for (std::size_t i = 0; i < vocab_size; ++i) logits[i] = static_cast<float>(row[i]);
}

}  // namespace ladder
