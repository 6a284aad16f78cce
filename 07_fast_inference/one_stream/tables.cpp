// What a token and a position alone decide is worked out once. This model has one layer, so the
// embedding, both norms before attention, the query, the key and the value depend on nothing else:
// 432 rows, looked up. What is left is attention, the MLP and the head. And because a row also has
// room for fc1 · x1, the MLP's first matrix can be multiplied with attn_wo beforehand, and starts
// on the heads' result at once: fc1 (wo a + x1) = (fc1 wo) a + fc1 x1.
#include <algorithm>

#include "07_fast_inference/one_stream/one_stream.hpp"
#include "07_fast_inference/one_stream/one_stream_engines.hpp"
#include "07_fast_inference/one_stream/rows.hpp"

namespace ladder {
inline namespace LADDER_WIDTH {
namespace {

class Tables : public OneStream<Tables> {
 public:
  explicit Tables(const MicroGpt& m) : OneStream(m), rows_(m), fc2_(m.mlp_fc2) {
    wo_ = make_diagonals([&](int i, int j) { return m.attn_wo[i][head_row(j)]; });
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
    std::fill(past_, past_ + block_size, &rows_.at(bos_token, 0));
  }

  std::size_t precomputed_bytes() const override { return sizeof rows_; }

  void set_past(int, std::span<const std::uint8_t> tokens) override {
    for (int position = 0; const int token : tokens) {
      past_[position] = &rows_.at(token, position);
      ++position;
    }
  }

  /// \returns x after the MLP
  [[gnu::always_inline]] Sixteen pass(int token, int position) {
    const Row& row = rows_.at(token, position);
    past_[position] = &row;
    const Mixed mixed = rows_.attend(row, past_, position);
    const Sixteen x2 = multiply_mean(wo_, mixed, Sixteen::load(row.residual));

    Sixteen up[4];
    for (int b = 0; b < 4; ++b) up[b] = Sixteen::load(row.up + 16 * b);
    if constexpr (lanes == 16) {
      multiply_mean(fc1_wo_, mixed, up);
    } else {
      Sums<4, 1> sums;
      for (int b = 0; b < 4; ++b) sums.part[b][0] = up[b];
      sums.multiply(fc1_wo_, mixed.mean());
      for (int b = 0; b < 4; ++b) up[b] = sums.part[b][0];
    }
    Lanes hidden[DownProjection::inputs];
    for (int i = 0; i < DownProjection::inputs; ++i) {
      hidden[i] = max(up[i / Sixteen::parts].part[i % Sixteen::parts], Lanes{});
    }
    const float scale = 1 / std::sqrt(dot(x2, x2)[0] / n_embd + norm_epsilon);
    return x2 + fc2_.multiply(hidden) * splat(scale);
  }

 private:
  Rows rows_;
  const Row* past_[block_size];  // keys and values so far
  Diagonals wo_, fc1_wo_[4];
  DownProjection fc2_;
};

}  // namespace

/// make_tables() of this width.
std::unique_ptr<Engine> tables_of_width(const MicroGpt& model) {
  return std::make_unique<Tables>(model);
}

}  // namespace LADDER_WIDTH
}  // namespace ladder
