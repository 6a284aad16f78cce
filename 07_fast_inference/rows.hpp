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

  [[gnu::always_inline]] const Row& at(int token, int position) const {
    return rows_[position][token];
  }

  /// Softmax-weighted values of this row and `count` rows before it, lanes as head_row() says.
  [[gnu::always_inline]] Sixteen attend(const Row& row, const Row* const* past, int count) const {
    return bounded_ ? attend<true>(row, past, count) : attend<false>(row, past, count);
  }

  /// The same over past[0] … past[position], with as many of them looked at as `most` says, a
  /// multiple of four: what lies beyond `position` is worked out too, and then multiplied by 0. So
  /// there is no loop whose end the processor would have to guess.
  /// Only for bounded() models; past[0 … most-1] must all be rows.
  template <int most>
  [[gnu::always_inline]] static Sixteen attend_up_to(const Row* const* past, int position) {
    constexpr int group = lanes / n_head;  // positions whose scores share a vector
    const Sixteen q = Sixteen::load(past[position]->query);
    IntLanes place;
    for (int i = 0; i < lanes; ++i) place[i] = i / n_head;
    Lanes total = {};
    Sixteen sum = {};
    for (int t = 0; t < most; t += group) {
      Lanes product[group];
      for (int i = 0; i < group; ++i) {
        const Sixteen key = Sixteen::load(past[t + i]->key);
        product[i] = q.part[0] * key.part[0];
        for (int p = 1; p < Sixteen::parts; ++p) product[i] += q.part[p] * key.part[p];
      }
      if constexpr (lanes > 8) {
        product[0] = add_two<8 % lanes>(product[0], product[2 % group]);
        product[1 % group] = add_two<8 % lanes>(product[1 % group], product[3 % group]);
      }
      if constexpr (lanes > 4) product[0] = add_two<4>(product[0], product[1 % group]);
      const IntLanes in_use = place + t <= position;
      const Lanes weight = from_bits(bits(exp2(product[0])) & in_use);
      total += weight;
      unroll<group>([&](auto i) __attribute__((always_inline)) {
        const Lanes own = repeat<i>(weight);
        const Sixteen value = Sixteen::load(past[t + i]->value);
        for (int p = 0; p < Sixteen::parts; ++p) sum.part[p] += own * value.part[p];
      });
    }
    if constexpr (lanes > 4) total += xor_lanes<4>(total);
    if constexpr (lanes > 8) total += xor_lanes<8 % lanes>(total);
    return sum * (1 / total);
  }

  /// True if no score of any two rows can overflow exp2.
  [[gnu::always_inline]] bool bounded() const { return bounded_; }

 private:
  // Lanes l without bit w get a's sum over l and l ^ w, those with it get b's.
  template <int w>
  [[gnu::always_inline]] static Lanes add_two(Lanes a, Lanes b) {
    return [&]<int... l>(std::integer_sequence<int, l...>) __attribute__((always_inline)) {
      return __builtin_shufflevector(a, b, (l & w ? lanes + l : l)...) +
             __builtin_shufflevector(a, b, (l & w ? lanes + (l ^ w) : l ^ w)...);
    }
    (std::make_integer_sequence<int, lanes>());
  }

  // The four lanes of position i, everywhere.
  template <int i>
  [[gnu::always_inline]] static Lanes repeat(Lanes x) {
    return [&]<int... l>(std::integer_sequence<int, l...>) __attribute__((always_inline)) {
      return __builtin_shufflevector(x, x, (i * n_head + l % n_head)...);
    }
    (std::make_integer_sequence<int, lanes>());
  }

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
