// Weights laid out for the machine. A vector register holds many numbers; a matrix whose rows are
// dot products makes the processor add up across a register, again and again. Here every weight
// matrix is stored so that whole vectors are multiplied and added, and no sum ever crosses lanes.
#include "07_fast_inference/one_stream/columns.hpp"

#include <algorithm>

#include "07_fast_inference/one_stream/one_stream.hpp"
#include "07_fast_inference/one_stream/one_stream_engines.hpp"
#include "07_fast_inference/one_stream/rows.hpp"

namespace ladder {
inline namespace LADDER_WIDTH {
namespace {

class Columns : public OneStream<Columns> {
 public:
  explicit Columns(const MicroGpt& m)
      : OneStream(m), fc2_(m.mlp_fc2), bounded_(std::make_unique<Rows>(m)->bounded()) {
    qkv_[0] = make_diagonals([&](int i, int j) { return m.attn_wq[head_row(i)][j] * query_scale; });
    qkv_[1] = make_diagonals([&](int i, int j) { return m.attn_wk[head_row(i)][j]; });
    qkv_[2] = make_diagonals([&](int i, int j) { return m.attn_wv[head_row(i)][j]; });
    wo_ = make_diagonals([&](int i, int j) { return m.attn_wo[i][head_row(j)]; });
    for (int b = 0; b < 4; ++b) {
      fc1_[b / 2][b % 2] = make_diagonals([&](int i, int j) { return m.mlp_fc1[16 * b + i][j]; });
    }
  }

  /// \returns x after the MLP
  [[gnu::always_inline]] Sixteen pass(int token, int position) {
    // Embedding. RMSNorm divides by a number, s, and a matrix does not care when: W(x/s) = (Wx)/s.
    // So the products need not wait for the square root.
    const Sixteen x0 = Sixteen::load(model_.wte[token]) + Sixteen::load(model_.wpe[position]);
    // Two norms in a row are one: with m = mean(x²), the second norm's factor times the first's is
    // 1/√(m + ε(m + ε)).
    const float mean = dot(x0, x0)[0] / n_embd;
    float once = 1 / std::sqrt(mean + norm_epsilon);
    float twice = 1 / std::sqrt(mean + norm_epsilon * (mean + norm_epsilon));
    if (model_.final_norm) [[unlikely]] {  // one norm stands here, and not on the way to x1
      twice = once;
      once = 1;
    }
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
    Lanes hidden[DownProjection::inputs];
    for (int half = 0; half < 2; ++half) {
      Sums<2, 2> up;
      up.multiply(fc1_[half], x2);
      for (int i = 0; i < DownProjection::inputs / 2; ++i) {
        const Sixteen sum = up.total(i / Sixteen::parts);
        hidden[half * DownProjection::inputs / 2 + i] = max(sum.part[i % Sixteen::parts], Lanes{});
      }
    }
    const float scale = 1 / std::sqrt(dot(x2, x2)[0] / n_embd + norm_epsilon);
    return x2 + fc2_.multiply(hidden) * splat(scale);
  }

 private:
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

  Diagonals qkv_[3], wo_, fc1_[2][2];
  DownProjection fc2_;
  bool bounded_;  // no score of two positions can overflow exp2
  alignas(64) float keys_[block_size][n_embd];
  alignas(64) float values_[block_size][n_embd];
};

}  // namespace

/// make_columns() of this width.
std::unique_ptr<Engine> columns_of_width(const MicroGpt& model) {
  return std::make_unique<Columns>(model);
}

}  // namespace LADDER_WIDTH
}  // namespace ladder
