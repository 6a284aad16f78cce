// What a token and a position alone decide is worked out once. This model has one layer, so the
// embedding, both norms before attention, the query, the key and the value depend on nothing else:
// 432 rows, looked up. What is left is attention, the MLP and the head. And because a row also has
// room for fc1 · x1, the MLP's first matrix can be multiplied with attn_wo beforehand, and starts
// on the heads' result at once: fc1 (wo a + x1) = (fc1 wo) a + fc1 x1.
#include <algorithm>

#include "07_fast_inference/engines.hpp"
#include "07_fast_inference/rows.hpp"

namespace ladder {
namespace {

class Tables : public Engine {
 public:
  explicit Tables(const MicroGpt& m) : model_(m), rows_(m), fc2_(m.mlp_fc2) {
    wo_[0] = make_diagonals([&](int i, int j) { return m.attn_wo[i][head_row(j)]; });
    for (int b = 0; b < 4; ++b) {
      fc1_wo_[b] = make_diagonals([&](int i, int j) {
        double sum = 0;
        for (int l = 0; l < n_embd; ++l) {
          sum += static_cast<double>(m.mlp_fc1[16 * b + i][l]) *
                 static_cast<double>(m.attn_wo[l][head_row(j)]);
        }
        return static_cast<float>(sum);
      });
    }
    plain_head_.scale(m, 1);
    head_.scale(m, 1);
  }

  std::size_t precomputed_bytes() const override { return sizeof rows_; }

  void set_past(int, std::span<const std::uint8_t> tokens) override {
    for (int p = 0; const int token : tokens) {
      past_[p] = &rows_.at(token, p);
      ++p;
    }
  }

  void forward(std::span<const Place> places, std::span<float> logits) override {
    pass(places[0].token, places[0].position, plain_head_).copy_to(logits);
  }

  void start(std::uint32_t seed, float temperature) override {
    Engine::start(seed, temperature);
    head_.scale(model_, log2_e / temperature_);
  }

  void generate(std::span<std::uint8_t> tokens) override {
    head_.bounded ? write<true>(tokens) : write<false>(tokens);
  }

 private:
  template <bool bounded>
  void write(std::span<std::uint8_t> tokens) {
    Place place = places_[0];
    std::uint32_t random = random_[0];
    for (std::uint8_t& out : tokens) {
      const Logits32 logits = pass(place.token, place.position, head_);
      const int token = std::min(draw<bounded>(logits, next_uniform(random)), bos_token);
      out = static_cast<std::uint8_t>(token);
      place = next_place(place, token);
    }
    places_[0] = place;
    random_[0] = random;
  }

  [[gnu::always_inline]] Logits32 pass(int token, int position, const Head& head) {
    const Row& row = rows_.at(token, position);
    past_[position] = &row;
    const Sixteen attention = rows_.attend(row, past_, position);

    Sums<4, 1> up;
    for (int b = 0; b < 4; ++b) up.part[b][0] = Sixteen::load(row.up + 16 * b);
    up.multiply(fc1_wo_, attention);
    Lanes hidden[DownProjection::inputs];
    for (int i = 0; i < DownProjection::inputs; ++i) {
      hidden[i] = max(up.part[i / Sixteen::parts][0].part[i % Sixteen::parts], Lanes{});
    }
    Sums<1, 4> mixed;
    mixed.part[0][0] = Sixteen::load(row.residual);
    mixed.multiply(wo_, attention);
    const Sixteen x2 = mixed.total(0);
    const float scale = 1 / std::sqrt(dot(x2, x2)[0] / n_embd + norm_epsilon);
    const Sixteen x3 = x2 + fc2_.multiply(hidden) * splat(scale);
    return head.multiply(x3);
  }

  MicroGpt model_;
  Rows rows_;
  const Row* past_[block_size];  // keys and values so far
  Diagonals wo_[1], fc1_wo_[4];
  DownProjection fc2_;
  Head plain_head_, head_;  // the logits as they are, and as powers of 2 at a temperature
};

}  // namespace

std::unique_ptr<Engine> make_tables(const MicroGpt& model) {
  return std::make_unique<Tables>(model);
}

}  // namespace ladder
