// No library at all: the loops of a textbook, which the compiler turns into what it can. A dot
// product is a sum along a row, and a sum in floating point must be added up in the order written:
// so the compiler may not use the lanes of a vector for it. The next engine gives it another order.
#include <algorithm>
#include <cmath>

#include "07_fast_inference/one_stream/one_stream_engines.hpp"

namespace ladder {
namespace {

template <int rows, int columns>
void matvec(const float (&weights)[rows][columns], const float (&x)[columns], float (&y)[rows]) {
  for (int i = 0; i < rows; ++i) {
    float sum = 0;
    for (int j = 0; j < columns; ++j) sum += weights[i][j] * x[j];
    y[i] = sum;
  }
}

void rmsnorm(const float (&x)[n_embd], float (&y)[n_embd]) {
  float squares = 0;
  for (const float value : x) squares += value * value;
  const float scale = 1 / std::sqrt(squares / n_embd + norm_epsilon);
  for (int i = 0; i < n_embd; ++i) y[i] = x[i] * scale;
}

class Loops : public Engine {
 public:
  explicit Loops(const MicroGpt& model) : model_(model) {}

  void forward(std::span<const Place> places, std::span<float> logits) override {
    const auto [token, position] = places[0];
    float x[n_embd], h[n_embd], query[n_embd], attention[n_embd], mixed[n_embd];
    for (int i = 0; i < n_embd; ++i) x[i] = model_.wte[token][i] + model_.wpe[position][i];
    if (!model_.final_norm) rmsnorm(x, x);

    rmsnorm(x, h);
    matvec(model_.attn_wq, h, query);
    matvec(model_.attn_wk, h, keys_[position]);
    matvec(model_.attn_wv, h, values_[position]);
    attend(query, position + 1, attention);
    matvec(model_.attn_wo, attention, mixed);
    for (int i = 0; i < n_embd; ++i) x[i] += mixed[i];

    rmsnorm(x, h);
    float hidden[n_hidden], down[n_embd];
    matvec(model_.mlp_fc1, h, hidden);
    for (float& value : hidden) value = std::max(value, 0.0f);
    matvec(model_.mlp_fc2, hidden, down);
    for (int i = 0; i < n_embd; ++i) x[i] += down[i];

    if (model_.final_norm) rmsnorm(x, x);
    float out[vocab_size];
    matvec(model_.lm_head, x, out);
    std::copy(out, out + vocab_size, logits.begin());
  }

 private:
  void attend(const float (&query)[n_embd], int length, float (&result)[n_embd]) const {
    for (int head = 0; head < n_embd; head += head_dim) {
      float weights[block_size];
      for (int t = 0; t < length; ++t) {
        float score = 0;
        for (int i = head; i < head + head_dim; ++i) score += query[i] * keys_[t][i];
        weights[t] = score / std::sqrt(static_cast<float>(head_dim));
      }
      const float largest = *std::max_element(weights, weights + length);
      float total = 0;
      for (int t = 0; t < length; ++t) total += weights[t] = std::exp(weights[t] - largest);
      for (int i = head; i < head + head_dim; ++i) {
        float sum = 0;
        for (int t = 0; t < length; ++t) sum += weights[t] * values_[t][i];
        result[i] = sum / total;
      }
    }
  }

  MicroGpt model_;
  float keys_[block_size][n_embd];  // the KV cache
  float values_[block_size][n_embd];
};

}  // namespace

std::unique_ptr<Engine> make_loops(const MicroGpt& model) { return std::make_unique<Loops>(model); }

}  // namespace ladder
