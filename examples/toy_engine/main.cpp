// An engine that joins from outside stage 07: copy this to begin one of your own. It is the slowest
// honest one, without a KV cache: for each token it reads the whole name again.

#include <algorithm>
#include <cmath>
#include <vector>

#include "07_fast_inference/bench/engine_main.hpp"

namespace {

using namespace ladder;
using Vector = std::vector<double>;

template <int rows, int columns>
Vector multiply(const float (&w)[rows][columns], const Vector& x) {
  Vector y(rows, 0.0);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) y[i] += double{w[i][j]} * x[j];
  }
  return y;
}

Vector rmsnorm(Vector x) {
  double squares = 0;
  for (const double value : x) squares += value * value;
  for (double& value : x) value /= std::sqrt(squares / n_embd + norm_epsilon);
  return x;
}

Vector sum(Vector a, const Vector& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
  return a;
}

class ToyEngine : public Engine {
 public:
  explicit ToyEngine(const MicroGpt& model) : m_(model) {}

  void forward(std::span<const Place> places, std::span<float> logits) override {
    // 1. The name so far, and from it each position's query, key and value.
    const auto now = static_cast<std::size_t>(places[0].position);
    tokens_[now] = places[0].token;
    Vector x, q, keys[block_size], values[block_size];
    for (std::size_t t = 0; t <= now; ++t) {
      const auto &e = m_.wte[tokens_[t]], &p = m_.wpe[t];
      x = sum(Vector(e, e + n_embd), Vector(p, p + n_embd));
      if (!m_.final_norm) x = rmsnorm(x);
      q = multiply(m_.attn_wq, rmsnorm(x));
      keys[t] = multiply(m_.attn_wk, rmsnorm(x));
      values[t] = multiply(m_.attn_wv, rmsnorm(x));
    }
    // 2. Attention, head by head: the mean of the values, weighted by exp(q · k / √head_dim).
    Vector mean(n_embd, 0.0);
    for (std::size_t head = 0; head < n_embd; head += head_dim) {
      double total = 0;
      Vector mixed(head_dim, 0.0);
      for (std::size_t t = 0; t <= now; ++t) {
        double score = 0;
        for (std::size_t i = head; i < head + head_dim; ++i) score += q[i] * keys[t][i];
        const double weight = std::exp(score / std::sqrt(head_dim));
        total += weight;
        for (std::size_t i = 0; i < head_dim; ++i) mixed[i] += weight * values[t][head + i];
      }
      for (std::size_t i = 0; i < head_dim; ++i) mean[head + i] = mixed[i] / total;
    }
    x = sum(x, multiply(m_.attn_wo, mean));
    // 3. The MLP, and the logits.
    Vector hidden = multiply(m_.mlp_fc1, rmsnorm(x));
    for (double& value : hidden) value = std::max(value, 0.0);
    x = sum(x, multiply(m_.mlp_fc2, hidden));
    const Vector out = multiply(m_.lm_head, m_.final_norm ? rmsnorm(x) : x);
    for (std::size_t i = 0; i < vocab_size; ++i) logits[i] = static_cast<float>(out[i]);
  }

 private:
  MicroGpt m_;
  int tokens_[block_size] = {};
};

constexpr EngineKind kinds[] = {{"toy", "fp64", "no cache: the whole name again for each token",
                                 false, false, fp32_error,
                                 [](const MicroGpt& model) -> std::unique_ptr<Engine> {
                                   return std::make_unique<ToyEngine>(model);
                                 }}};

}  // namespace

int main(int argc, char** argv) {
  return engine_main(kinds, argc, argv, {.description = "A toy engine, judged and measured."});
}
