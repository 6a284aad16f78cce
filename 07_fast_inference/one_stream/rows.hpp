#pragma once
/// \file
/// What a token and a position alone decide, worked out once: used by `tables` and `streams`.

#include "07_fast_inference/one_stream/columns.hpp"

namespace ladder {
inline namespace LADDER_WIDTH {

/// Everything known about a token at a position. This model has one layer, so its query, key and
/// value depend on nothing that came before. And since every name begins with BOS, so do two of its
/// scores: with itself, and with the BOS at position 0.
struct alignas(64) Row {
  /// Heads as head_row() says.
  float key[16], value[16];  ///< heads as head_row() says
  float query[16];           ///< likewise, times query_scale
  float sum[16];             ///< Σ 2^score · value over itself and, past position 0, that BOS
  float total[16];           ///< Σ 2^score likewise; four heads, repeated
  float residual[16];        ///< x as attention adds to it
  float up[n_hidden];        ///< fc1 x, before attention has added to it
};

/// What the heads see, lanes as head_row() says.
struct Mixed {
  Sixteen sum;  ///< Σ_t 2^score · value
  Lanes total;  ///< Σ_t 2^score

  /// One position more. \param weight  2^score of the four heads, repeated
  [[gnu::always_inline]] void add(Lanes weight, const Sixteen& value) {
    total += weight;
    for (int i = 0; i < Sixteen::parts; ++i) {
      sum.part[i] = multiply_add(weight, value.part[i], sum.part[i]);
    }
  }
  /// The heads' result: values weighted by softmax.
  [[gnu::always_inline]] Sixteen mean() const { return sum * (1 / total); }
};

/// sum += W · mean for `outs` matrices, not waiting for the division: heads have totals of their
/// own, but along the diagonals d, d + 4, … lane i meets one head alone, that of lane i ^ d, and so
/// their sum can be divided instead.
template <int outs>
[[gnu::always_inline]] inline void multiply_mean(const Diagonals* w, const Mixed& mixed,
                                                 Sixteen (&sum)[outs]) {
  if constexpr (short_loops) {
    for (int o = 0; o < outs; ++o) {
      Sums<1, 1> sums = {{{sum[o]}}};
      sums.multiply_columns(w + o, mixed.mean());
      sum[o] = sums.total(0);
    }
    return;
  }
  Sixteen part[outs][n_head] = {};
  unroll<16>([&](auto step) __attribute__((always_inline)) {
    constexpr int d = step / Sixteen::parts + step % Sixteen::parts * lanes;
    const Sixteen turned = xor_lanes<d>(mixed.sum);
    for (int o = 0; o < outs; ++o) {
      Sixteen& own = part[o][d % n_head];
      own = multiply_add(Sixteen::load(w[o].row[d]), turned, own);
    }
  });
  const Lanes share = 1 / mixed.total;
  for (int o = 0; o < outs; ++o) {
    Sixteen odd = part[o][1] * xor_lanes<1>(share);
    for (int i = 0; i < Sixteen::parts; ++i) {
      sum[o].part[i] += part[o][0].part[i] * share;
      sum[o].part[i] += part[o][2].part[i] * xor_lanes<2>(share);
      odd.part[i] += part[o][3].part[i] * xor_lanes<3>(share);
    }
    sum[o] = sum[o] + odd;
  }
}

/// The same for one matrix. \returns start + W · mean
[[gnu::always_inline]] inline Sixteen multiply_mean(const Diagonals& w, const Mixed& mixed,
                                                    const Sixteen& start) {
  Sixteen sum[1] = {start};
  multiply_mean(&w, mixed, sum);
  return sum[0];
}

/// The 432 rows of a model, and attention over them.
class Rows {
 public:
  /// Works out all of them, in double precision; the model may go then.
  explicit Rows(const MicroGpt& model);

  /// The row of a token from 0 to 26 at a position from 0 to 15.
  [[gnu::always_inline]] const Row& at(int token, int position) const {
    return rows_[position][token];
  }

  /// True if no score of any two rows can overflow exp2.
  bool bounded() const { return bounded_; }

  /// Softmax-weighted values of past[0] … past[position].
  [[gnu::always_inline]] Mixed attend(const Row* const* past, int position) const {
    return attend(*past[position], past, position);
  }

  /// The same, where `row` is *past[position]: whoever has just stored that need not wait for it to
  /// be read again.
  [[gnu::always_inline]] Mixed attend(const Row& row, const Row* const* past, int position) const {
    if (!bounded_ || past[0] != &at(bos_token, 0)) [[unlikely]] {
      return attend_to_all(past, position);  // the sums in the rows do not hold
    }
    const Sixteen q = Sixteen::load(row.query);
    Mixed mixed = {Sixteen::load(row.sum), load(row.total)};
    for (int t = 1; t < position; ++t) {
      const Lanes weight = exp2(head_scores(q, Sixteen::load(past[t]->key)));
      mixed.add(weight, Sixteen::load(past[t]->value));
    }
    return mixed;
  }

  /// The same for any past and any model: the largest score is taken off first.
  [[gnu::always_inline]] static Mixed attend_to_all(const Row* const* past, int position) {
    const Sixteen q = Sixteen::load(past[position]->query);
    Lanes largest = splat(-1e30f);
    for (int t = 0; t <= position; ++t) {
      largest = max(largest, head_scores(q, Sixteen::load(past[t]->key)));
    }
    Mixed mixed = {};
    for (int t = 0; t <= position; ++t) {
      const Lanes score = head_scores(q, Sixteen::load(past[t]->key)) - largest;
      mixed.add(exp2(max(score, splat(-126))), Sixteen::load(past[t]->value));
    }
    return mixed;
  }

 private:
  Row rows_[block_size][vocab_size];
  bool bounded_;  // no score of any two rows can overflow exp2
};

}  // namespace LADDER_WIDTH
}  // namespace ladder
