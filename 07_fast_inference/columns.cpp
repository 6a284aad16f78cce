// Weights laid out for the machine. A vector register holds many numbers; a matrix whose rows are
// dot products makes the processor add up across a register, again and again. Here every weight
// matrix is stored so that whole vectors are multiplied and added, and no sum ever crosses lanes.
#include "07_fast_inference/columns.hpp"

#include <algorithm>

#include "07_fast_inference/engines.hpp"

namespace ladder {
namespace {

class Columns : public Engine {
 public:
  explicit Columns(const MicroGpt& m) : model_(m) {
    // Scores are wanted as powers of 2, divided by √head_dim: the query's weights take both in.
    const float query_scale = log2_e / std::sqrt(static_cast<float>(head_dim));
    qkv_[0] = make_diagonals([&](int i, int j) { return m.attn_wq[head_row(i)][j] * query_scale; });
    qkv_[1] = make_diagonals([&](int i, int j) { return m.attn_wk[head_row(i)][j]; });
    qkv_[2] = make_diagonals([&](int i, int j) { return m.attn_wv[head_row(i)][j]; });
    wo_[0] = make_diagonals([&](int i, int j) { return m.attn_wo[i][head_row(j)]; });
    for (int b = 0; b < 4; ++b) {
      fc1_[b] = make_diagonals([&](int i, int j) { return m.mlp_fc1[16 * b + i][j]; });
      fc2_[b][0] = make_diagonals([&](int i, int j) { return m.mlp_fc2[i][16 * b + j]; });
    }
    scale_head(1);
  }

  void forward(std::span<const Place> places, std::span<float> logits) override {
    scale_head(1);
    const Logits32 result = pass(places[0].token, places[0].position);
    for (int slot = 0; slot < 32; ++slot) {
      if (token_in(slot) < vocab_size) {
        logits[static_cast<std::size_t>(token_in(slot))] = result.part[slot / lanes][slot % lanes];
      }
    }
  }

  void start(std::uint32_t seed, float temperature) override {
    Engine::start(seed, temperature);
    scale_head(log2_e / temperature_);
  }

  void generate(std::span<std::uint8_t> tokens) override {
    Place place = places_[0];
    std::uint32_t random = random_[0];
    for (std::uint8_t& out : tokens) {
      Logits32 logits = pass(place.token, place.position);
      const int token = std::min(draw(logits, next_uniform(random)), bos_token);
      out = static_cast<std::uint8_t>(token);
      place = next_place(place, token);
    }
    places_[0] = place;
    random_[0] = random;
  }

 private:
  void scale_head(float scale) {
    for (int b = 0; b < 2; ++b) {
      head_[b] = make_diagonals([&](int i, int j) {
        const int token = token_in(16 * b + i);
        return token < vocab_size ? model_.lm_head[token][j] * scale : 0.0f;
      });
      for (int i = 0; i < 16; ++i) pads_[16 * b + i] = token_in(16 * b + i) < vocab_size ? 0 : -126;
    }
  }

  [[gnu::always_inline]] Logits32 pass(int token, int position) {
    // Embedding. RMSNorm divides by a number, s, and a matrix does not care when: W(x/s) = (Wx)/s.
    // So the products need not wait for the square root.
    const Sixteen x0 = Sixteen::load(model_.wte[token]) + Sixteen::load(model_.wpe[position]);
    // Two norms in a row are one: with m = mean(x²), the second norm's factor times the first's is
    // 1/√(m + ε(m + ε)).
    const float mean = dot(x0, x0)[0] / n_embd;
    const float once = 1 / std::sqrt(mean + norm_epsilon);
    const float twice = 1 / std::sqrt(mean + norm_epsilon * (mean + norm_epsilon));
    const Sixteen x1 = x0 * splat(once);
    Sums<3, 2> qkv;
    qkv.multiply(qkv_, x0);

    const Sixteen q = qkv.total(0) * splat(twice);
    const Sixteen k = qkv.total(1) * splat(twice);
    const Sixteen v = qkv.total(2) * splat(twice);
    k.store(keys_[position]);
    v.store(values_[position]);
    // Softmax without its largest score taken off.
    Lanes weight = exp2(head_scores(q, k));
    Lanes total = weight;
    Sixteen attention = v * weight;
    for (int t = 0; t < position; ++t) {
      weight = exp2(head_scores(q, Sixteen::load(keys_[t])));
      total += weight;
      const Sixteen value = Sixteen::load(values_[t]);
      for (int i = 0; i < Sixteen::parts; ++i) attention.part[i] += weight * value.part[i];
    }
    attention = attention * (1 / total);
    Sums<1, 4> mixed;
    mixed.part[0][0] = x1;
    mixed.multiply(wo_, attention);
    const Sixteen x2 = mixed.total(0);

    // MLP. max(0, ·) does not care about a positive factor either, so this norm waits till the end.
    const float scale = 1 / std::sqrt(dot(x2, x2)[0] / n_embd + norm_epsilon);
    Sums<4, 1> hidden;
    hidden.multiply(fc1_, x2);
    Sums<1, 4> down;
    for (int b = 0; b < 4; ++b) down.multiply(fc2_[b], max(hidden.total(b), Lanes{}));
    const Sixteen x3 = x2 + down.total(0) * splat(scale);

    Sums<2, 2> out;
    out.part[0][0] = Sixteen::load(pads_);
    out.part[1][0] = Sixteen::load(pads_ + 16);
    out.multiply(head_, x3);
    Logits32 logits;
    for (int i = 0; i < Logits32::parts; ++i) {
      logits.part[i] = out.total(i / Sixteen::parts).part[i % Sixteen::parts];
    }
    return logits;
  }

  MicroGpt model_;
  Diagonals qkv_[3], wo_[1], fc1_[4], fc2_[4][1], head_[2];
  alignas(64) float pads_[32];
  alignas(64) float keys_[block_size][n_embd];
  alignas(64) float values_[block_size][n_embd];
};

}  // namespace

std::unique_ptr<Engine> make_columns(const MicroGpt& model) {
  return std::make_unique<Columns>(model);
}

}  // namespace ladder
