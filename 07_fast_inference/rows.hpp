#pragma once
/// \file
/// What a token and a position alone decide, worked out once: used by `tables` and `streams`.

#include "07_fast_inference/columns.hpp"

namespace ladder {

/// Everything known about a token at a position. This model has one layer, so its query, key and
/// value depend on nothing that came before.
struct alignas(64) Row {
  float query[16], key[16], value[16];  ///< heads as head_row() says; the query times query_scale
  float residual[16];                   ///< x after the first norm
  float up[n_hidden];                   ///< fc1 x, before attention has added to it
};

/// The 432 rows of a model, and attention over them.
class Rows {
 public:
  explicit Rows(const MicroGpt& model);

  const Row& at(int token, int position) const { return rows_[position][token]; }

  /// Softmax-weighted values of this row and `count` rows before it, lanes as head_row() says.
  [[gnu::always_inline]] Sixteen attend(const Row& row, const Row* const* past, int count) const {
    return bounded_ ? attend<true>(row, past, count) : attend<false>(row, past, count);
  }

 private:
  /// \tparam bounded  no score can overflow exp2, so the largest need not be taken off first
  template <bool bounded>
  [[gnu::always_inline]] static Sixteen attend(const Row& row, const Row* const* past, int count) {
    const Sixteen q = Sixteen::load(row.query);
    const Lanes own = head_scores(q, Sixteen::load(row.key));
    Lanes largest = own;
    if constexpr (!bounded) {
      for (int t = 0; t < count; ++t) {
        largest = max(largest, head_scores(q, Sixteen::load(past[t]->key)));
      }
    }
    const auto power = [&](Lanes score) __attribute__((always_inline)) {
      return bounded ? exp2(score) : exp2(max(score - largest, splat(-126)));
    };
    Lanes total = power(own);
    Sixteen sum = Sixteen::load(row.value) * total;
    for (int t = 0; t < count; ++t) {
      const Lanes weight = power(head_scores(q, Sixteen::load(past[t]->key)));
      total += weight;
      const Sixteen value = Sixteen::load(past[t]->value);
      for (int i = 0; i < Sixteen::parts; ++i) sum.part[i] += weight * value.part[i];
    }
    return sum * (1 / total);
  }

  Row rows_[block_size][vocab_size];
  bool bounded_;
};

}  // namespace ladder
