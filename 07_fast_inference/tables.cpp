// What a token and a position alone decide is worked out once. This model has one layer, so the
// embedding, both norms before attention, the query, the key and the value depend on nothing else:
// 432 rows, looked up. What is left is attention, the MLP and the head. And because a row also has
// room for fc1 · x1, the MLP's first matrix can be multiplied with attn_wo beforehand, and starts
// on the heads' result at once: fc1 (wo a + x1) = (fc1 wo) a + fc1 x1.
#include <algorithm>

#include "07_fast_inference/columns.hpp"
#include "07_fast_inference/engines.hpp"

namespace ladder {
namespace {

// Everything known about a token at a position.
struct alignas(64) Row {
  float query[16], key[16], value[16];  // heads as head_row() says
  float residual[16];                   // x after the first norm
  float up[n_hidden];                   // fc1 x, before attention has added to it
};

class Tables : public Engine {
 public:
  explicit Tables(const MicroGpt& m) : model_(m), fc2_(m.mlp_fc2) {
    for (int position = 0; position < block_size; ++position) {
      for (int token = 0; token < vocab_size; ++token) fill(token, position);
    }
    wo_[0] = make_diagonals([&](int i, int j) { return m.attn_wo[i][head_row(j)]; });
    for (int b = 0; b < 4; ++b) {
      fc1_wo_[b / 2][b % 2] = make_diagonals([&](int i, int j) {
        double sum = 0;
        for (int l = 0; l < n_embd; ++l) {
          sum += static_cast<double>(m.mlp_fc1[16 * b + i][l]) * m.attn_wo[l][head_row(j)];
        }
        return static_cast<float>(sum);
      });
    }
    head_.scale(model_, 1);
  }

  std::size_t precomputed_bytes() const override { return sizeof rows_; }

  void forward(std::span<const Place> places, std::span<float> logits) override {
    head_.scale(model_, 1);
    pass(places[0].token, places[0].position).copy_to(logits);
  }

  void start(std::uint32_t seed, float temperature) override {
    Engine::start(seed, temperature);
    head_.scale(model_, log2_e / temperature_);
  }

  void generate(std::span<std::uint8_t> tokens) override {
    Place place = places_[0];
    std::uint32_t random = random_[0];
    for (std::uint8_t& out : tokens) {
      const Logits32 logits = pass(place.token, place.position);
      const int token = std::min(draw(logits, next_uniform(random)), bos_token);
      out = static_cast<std::uint8_t>(token);
      place = next_place(place, token);
    }
    places_[0] = place;
    random_[0] = random;
  }

 private:
  void fill(int token, int position) {
    Row& row = rows_[position][token];
    double x[n_embd], squares = 0;
    for (int i = 0; i < n_embd; ++i) {
      x[i] = static_cast<double>(model_.wte[token][i]) + model_.wpe[position][i];
      squares += x[i] * x[i] / n_embd;
    }
    const double once = 1 / std::sqrt(squares + 1e-5);
    const double twice = 1 / std::sqrt(squares + 1e-5 * (squares + 1e-5));
    const auto product = [&](const float(&weights)[n_embd], double scale) {
      double sum = 0;
      for (int i = 0; i < n_embd; ++i) sum += weights[i] * x[i];
      return static_cast<float>(sum * scale);
    };
    for (int i = 0; i < n_embd; ++i) {
      row.query[i] = product(model_.attn_wq[head_row(i)], twice * query_scale);
      row.key[i] = product(model_.attn_wk[head_row(i)], twice);
      row.value[i] = product(model_.attn_wv[head_row(i)], twice);
      row.residual[i] = static_cast<float>(x[i] * once);
    }
    for (int i = 0; i < n_hidden; ++i) row.up[i] = product(model_.mlp_fc1[i], once);
  }

  [[gnu::always_inline]] Logits32 pass(int token, int position) {
    const Row& row = rows_[position][token];
    past_[position] = &row;
    const Sixteen q = Sixteen::load(row.query);
    Lanes total = exp2(head_scores(q, Sixteen::load(row.key)));
    Sixteen attention = Sixteen::load(row.value) * total;
    for (int t = 0; t < position; ++t) {
      const Lanes weight = exp2(head_scores(q, Sixteen::load(past_[t]->key)));
      total += weight;
      const Sixteen value = Sixteen::load(past_[t]->value);
      for (int i = 0; i < Sixteen::parts; ++i) attention.part[i] += weight * value.part[i];
    }
    attention = attention * (1 / total);

    Lanes hidden[DownProjection::inputs];
    for (int half = 0; half < 2; ++half) {
      Sums<2, 2> up;
      up.part[0][0] = Sixteen::load(row.up + 32 * half);
      up.part[1][0] = Sixteen::load(row.up + 32 * half + 16);
      up.multiply(fc1_wo_[half], attention);
      for (int i = 0; i < DownProjection::inputs / 2; ++i) {
        const Sixteen sum = up.total(i / Sixteen::parts);
        hidden[half * DownProjection::inputs / 2 + i] = max(sum.part[i % Sixteen::parts], Lanes{});
      }
    }
    Sums<1, 2> mixed;
    mixed.part[0][0] = Sixteen::load(row.residual);
    mixed.multiply(wo_, attention);
    const Sixteen x2 = mixed.total(0);
    const float scale = 1 / std::sqrt(dot(x2, x2)[0] / n_embd + norm_epsilon);
    const Sixteen x3 = x2 + fc2_.multiply(hidden) * splat(scale);
    return head_.multiply(x3);
  }

  MicroGpt model_;
  Row rows_[block_size][vocab_size];
  const Row* past_[block_size];  // keys and values so far
  Diagonals wo_[1], fc1_wo_[2][2];
  DownProjection fc2_;
  Head head_;
};

}  // namespace

std::unique_ptr<Engine> make_tables(const MicroGpt& model) {
  return std::make_unique<Tables>(model);
}

}  // namespace ladder
