// Weights laid out for the machine. A vector register holds many numbers; a matrix whose rows are
// dot products makes the processor add up across a register, again and again. Here every weight
// matrix is stored so that whole vectors are multiplied and added, and no sum ever crosses lanes.
#include "07_fast_inference/columns.hpp"

#include <algorithm>

#include "07_fast_inference/engines.hpp"
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
    wo_[0] = make_diagonals([&](int i, int j) { return m.attn_wo[i][head_row(j)]; });
    for (int b = 0; b < 4; ++b) {
      fc1_[b / 2][b % 2] = make_diagonals([&](int i, int j) { return m.mlp_fc1[16 * b + i][j]; });
    }
    plain_head_.scale(m, 1);
    head_.scale(m, 1);
  }

  void forward(std::span<const Place> places, std::span<float> logits) override {
    pass<false>(places[0].token, places[0].position, plain_head_).copy_to(logits);
  }

  void start(std::uint32_t seed, float temperature) override {
    Engine::start(seed, temperature);
    head_.scale(model_, log2_e / temperature_);
  }

  void generate(std::span<std::uint8_t> tokens) override {
    head_.bounded&& bounded_ ? write<true>(tokens) : write<false>(tokens);
  }

 private:
  template <bool bounded>
  void write(std::span<std::uint8_t> tokens) {
    Place place = places_[0];
    std::uint32_t random = random_[0];
    for (std::uint8_t& out : tokens) {
      const Logits32 logits = pass<bounded>(place.token, place.position, head_);
      const int token = std::min(draw<bounded>(logits, next_uniform(random)), bos_token);
      out = static_cast<std::uint8_t>(token);
      place = next_place(place, token);
    }
    places_[0] = place;
    random_[0] = random;
  }

  template <bool bounded>
  [[gnu::always_inline]] Logits32 pass(int token, int position, const Head& head) {
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
    // Softmax, its largest score taken off first unless no score can overflow.
    Lanes largest = head_scores(q, k);
    for (int t = 0; !bounded && t < position; ++t) {
      largest = max(largest, head_scores(q, Sixteen::load(keys_[t])));
    }
    const auto power = [&](Lanes score) __attribute__((always_inline)) {
      return bounded ? exp2(score) : exp2(max(score - largest, splat(-126)));
    };
    Lanes weight = power(head_scores(q, k));
    Lanes total = weight;
    Sixteen attention = v * weight;
    for (int t = 0; t < position; ++t) {
      weight = power(head_scores(q, Sixteen::load(keys_[t])));
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
    Lanes hidden[DownProjection::inputs];
    for (int half = 0; half < 2; ++half) {
      Sums<2, 2> up;
      up.multiply(fc1_[half], x2);
      for (int i = 0; i < DownProjection::inputs / 2; ++i) {
        const Sixteen sum = up.total(i / Sixteen::parts);
        hidden[half * DownProjection::inputs / 2 + i] = max(sum.part[i % Sixteen::parts], Lanes{});
      }
    }
    const Sixteen x3 = x2 + fc2_.multiply(hidden) * splat(scale);

    return head.multiply(x3);
  }

  MicroGpt model_;
  Diagonals qkv_[3], wo_[1], fc1_[2][2];
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
