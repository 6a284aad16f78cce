// Weights laid out for the machine. A vector register holds many numbers; a matrix whose rows are
// dot products makes the processor add up across a register, again and again. Here every weight
// matrix is stored so that whole vectors are multiplied and added, and no sum ever crosses lanes.
#include "07_fast_inference/columns.hpp"

#include <algorithm>

#include "07_fast_inference/engines.hpp"
#include "07_fast_inference/head.hpp"
#include "07_fast_inference/rows.hpp"

namespace ladder {
namespace {

class Columns : public Engine {
 public:
  explicit Columns(const MicroGpt& m)
      : model_(m), fc2_(m.mlp_fc2), bounded_(std::make_unique<Rows>(m)->bounded()) {
    qkv_[0] = make_diagonals([&](int i, int j) { return m.attn_wq[head_row(i)][j] * query_scale; });
    qkv_[1] = make_diagonals([&](int i, int j) { return m.attn_wk[head_row(i)][j]; });
    qkv_[2] = make_diagonals([&](int i, int j) { return m.attn_wv[head_row(i)][j]; });
    wo_ = make_diagonals([&](int i, int j) { return m.attn_wo[i][head_row(j)]; });
    for (int b = 0; b < 4; ++b) {
      fc1_[b / 2][b % 2] = make_diagonals([&](int i, int j) { return m.mlp_fc1[16 * b + i][j]; });
    }
    plain_head_.scale(m, 1);
    head_.scale(m, 1);
  }

  void forward(std::span<const Place> places, std::span<float> logits) override {
    plain_head_.multiply(pass(places[0].token, places[0].position)).copy_to(logits);
  }

  void start(std::uint32_t seed, float temperature) override {
    Engine::start(seed, temperature);
    head_.scale(model_, log2_e / temperature_);
  }

  void generate(std::span<std::uint8_t> tokens) override {
    Place place = places_[0];
    std::uint32_t random = random_[0];
    for (std::uint8_t& out : tokens) {
      const Logits32 logits = head_.multiply_safely(pass(place.token, place.position));
      const int token = std::min(draw(logits, next_uniform(random)), bos_token);
      out = static_cast<std::uint8_t>(token);
      place = next_place(place, token);
    }
    places_[0] = place;
    random_[0] = random;
  }

 private:
  /// \returns x as lm_head reads it
  [[gnu::always_inline]] Sixteen pass(int token, int position) {
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

    const Sixteen q = qkv.total(0);
    const Sixteen k = qkv.total(1) * splat(twice);
    const Sixteen v = qkv.total(2) * splat(twice);
    k.store(keys_[position]);
    v.store(values_[position]);
    const Mixed mixed = bounded_ ? attend(q, k, v, splat(twice), position)
                                 : attend_to_all(q * splat(twice), position);
    const Sixteen x2 = multiply_mean(wo_, mixed, x1);

    // MLP. max(0, ·) does not care about a positive factor either, so this norm waits till the end.
    const float scale = 1 / std::sqrt(dot(x2, x2)[0] / n_embd + norm_epsilon);
    Lanes hidden[DownProjection::inputs];
    for (int half = 0; half < 2; ++half) {
      Sums<2, 2> up;
      up.multiply(fc1_[half], x2);
      for (int i = 0; i < DownProjection::inputs / 2; ++i) {
        const Sixteen sum = up.total(i / Sixteen::parts);
        hidden[half * DownProjection::inputs / 2 + i] = max(sum.part[i % Sixteen::parts], Lanes{});
      }
    }
    return x2 + fc2_.multiply(hidden) * splat(scale);
  }

  /// Σ 2^score · value over this position and all before it; no score may overflow exp2.
  /// \param q  not yet normed: its scores are multiplied by `norm` instead
  [[gnu::always_inline]] Mixed attend(const Sixteen& q, const Sixteen& k, const Sixteen& v,
                                      Lanes norm, int position) const {
    const Lanes own = exp2(head_scores(q, k) * norm);
    Mixed mixed = {v * own, own};
    for (int t = 0; t < position; ++t) {
      const Lanes weight = exp2(head_scores(q, Sixteen::load(keys_[t])) * norm);
      mixed.add(weight, Sixteen::load(values_[t]));
    }
    return mixed;
  }

  /// The same for any model: the largest score is taken off first.
  Mixed attend_to_all(const Sixteen& q, int position) const {
    Lanes largest = splat(-1e30f);
    for (int t = 0; t <= position; ++t) {
      largest = max(largest, head_scores(q, Sixteen::load(keys_[t])));
    }
    Mixed mixed = {};
    for (int t = 0; t <= position; ++t) {
      const Lanes score = head_scores(q, Sixteen::load(keys_[t])) - largest;
      mixed.add(exp2(max(score, splat(-126))), Sixteen::load(values_[t]));
    }
    return mixed;
  }

  MicroGpt model_;
  Diagonals qkv_[3], wo_, fc1_[2][2];
  DownProjection fc2_;
  Head plain_head_, head_;  // the logits as they are, and as powers of 2 at a temperature
  bool bounded_;            // no score of two positions can overflow exp2
  alignas(64) float keys_[block_size][n_embd];
  alignas(64) float values_[block_size][n_embd];
};

}  // namespace

std::unique_ptr<Engine> make_columns(const MicroGpt& model) {
  return std::make_unique<Columns>(model);
}

}  // namespace ladder
