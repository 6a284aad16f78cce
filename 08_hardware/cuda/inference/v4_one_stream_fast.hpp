#pragma once
/// \file
/// v4 adds to v3: all lanes work, and the chain from a token to the next is shorter. Sums of 16
/// inputs are halves, in two lanes; a lane has a head and two positions of the past, in registers,
/// as are its weights; hidden numbers stay where they are, and what they add to 16 outputs meets in
/// a butterfly of 16 shuffles where v3 passed 64 numbers on; norms are computed while matrices
/// already multiply what they will scale.

#include "08_hardware/cuda/inference/job.hpp"
#include "08_hardware/cuda/inference/packed_weights.hpp"
#include "08_hardware/cuda/inference/v4_attention.hpp"
#include "08_hardware/cuda/warp/collectives.hpp"

namespace ladder::gpu {

/// The model for one warp.
/// \tparam Weights  where they are: registers (RegisterWeights) or memory (MemoryWeights)
/// \tparam tables   x, q, k and v of a (token, position) are looked up, not computed
template <class Warp, class Weights, bool tables>
class LaneModel {
 public:
  using Float = typename Warp::Float;
  using Int = typename Warp::Int;

  /// \param looked_up  null without tables
  LADDER_DEVICE LaneModel(Weights& weights, const PackedWeights& packed,
                          const PlaceTable* looked_up)
      : w_(weights), packed_(packed), table_(looked_up) {}

  /// This lane's keys and values, from where they were kept.
  LADDER_DEVICE void load_past(Warp& warp, const float* past) { attention_.load(warp, past); }

  /// And back.
  LADDER_DEVICE void store_past(Warp& warp, float* past) { attention_.store(warp, past); }

  /// Feeds a token. \returns lane i: the logit of token i
  LADDER_DEVICE Float step(Warp& warp, int token, int position) {
    const Int first = (warp.lane() >> 4) * 8;  // of this half's eight inputs
    Float x,                                   // of output lane % 16, in both halves
        query[head_dim], key[head_dim], value[head_dim];
    if constexpr (tables) {
      look_up(warp, token, position, x, query, key, value);
    } else {
      project(warp, token, position, x, query, key, value);
    }

    // x += wo · attention: inputs come from where the butterfly left them.
    const Float attended = attention_.attend(warp, query, key, value, position);
    warp.part(Part::matrices);
    Float sum[2] = {Float(0.0f), Float(0.0f)};
    LADDER_UNROLL
    for (int j = 0; j < 8; ++j) {
      const Int at = (first + j / 4 * 4) * 2 + (j % 4 / 2 + j % 2 * 2);
      sum[j % 2] = fused(w_.wo(warp, j), warp.shuffle(attended, at), sum[j % 2]);
    }
    warp.of_use(n_embd, [&] {
      const Float half = sum[0] + sum[1];
      x = x + (half + warp.shuffle_xor(half, n_embd));
    });

    // x += fc2 · relu(fc1 · x) / norm: dividing by a norm above 0 commutes with all three.
    const Float norm = norm_of(warp, x);
    warp.part(Part::matrices);
    Float hidden[2] = {Float(0.0f), Float(0.0f)};
    LADDER_UNROLL
    for (int j = 0; j < n_embd; ++j) {
      const Float in = warp.shuffle(x, j);
      hidden[0] = fused(w_.fc1(warp, 0, j), in, hidden[0]);
      hidden[1] = fused(w_.fc1(warp, 1, j), in, hidden[1]);
    }
    hidden[0] = larger(hidden[0], Float(0.0f));
    hidden[1] = larger(hidden[1], Float(0.0f));
    Float down[n_embd];
    LADDER_UNROLL
    for (int o = 0; o < n_embd; ++o) {
      down[o] = fused(w_.fc2(warp, 1, o), hidden[1], w_.fc2(warp, 0, o) * hidden[0]);
    }
    halve<16>(warp, down, 8);
    halve<8>(warp, down, 4);
    halve<4>(warp, down, 2);
    halve<2>(warp, down, 1);
    warp.of_use(n_embd, [&] { x = fused(down[0] + warp.shuffle_xor(down[0], n_embd), norm, x); });

    // logits = lm_head · x
    Float logit[2] = {Float(0.0f), Float(0.0f)};
    warp.of_use(vocab_size, [&] {
      LADDER_UNROLL
      for (int j = 0; j < n_embd; ++j) {
        logit[j % 2] = fused(w_.head(warp, j), warp.shuffle(x, j), logit[j % 2]);
      }
    });
    Float result = logit[0] + logit[1];
    if (packed_.final_norm != 0) result = result * norm_of(warp, x);
    return result;
  }

 private:
  // 1 / √(mean(x²) + ε), in all lanes; x is in both halves of the warp.
  static LADDER_DEVICE Float norm_of(Warp& warp, const Float& x) {
    Float result;
    warp.part(Part::norms);
    warp.of_use(n_embd, [&] {
      const Float squares = sum_over(warp, x * x, n_embd);
      result = rsqrt_of(fused(squares, Float(1.0f / n_embd), Float(norm_epsilon)));
    });
    return result;
  }

  // x, and of the lane's head the query, the new key and the new value.
  LADDER_DEVICE void project(Warp& warp, int token, int position, Float& x,
                             Float (&query)[head_dim], Float (&key)[head_dim],
                             Float (&value)[head_dim]) {
    const Int out = warp.lane() & (n_embd - 1), first = (warp.lane() >> 4) * 8;
    warp.part(Part::norms);
    warp.of_use(n_embd, [&] {
      x = warp.load(packed_.wte[token], out) + warp.load(packed_.wpe[position], out);
      if (packed_.final_norm == 0) x = x * norm_of(warp, x);
    });
    const Float norm = norm_of(warp, x);
    warp.part(Part::matrices);
    Float q = 0.0f, k = 0.0f, v = 0.0f;
    LADDER_UNROLL
    for (int j = 0; j < 8; ++j) {
      const Float in = warp.shuffle(x, first + j);
      q = fused(w_.wq(warp, j), in, q);
      k = fused(w_.wk(warp, j), in, k);
      v = fused(w_.wv(warp, j), in, v);
    }
    q = (q + warp.shuffle_xor(q, n_embd)) * norm;
    k = (k + warp.shuffle_xor(k, n_embd)) * norm;
    v = (v + warp.shuffle_xor(v, n_embd)) * norm;
    warp.part(Part::attention);
    const Int head = (warp.lane() >> 3) * head_dim;
    LADDER_UNROLL
    for (int d = 0; d < head_dim; ++d) {
      query[d] = warp.shuffle(q, head + d);
      key[d] = warp.shuffle(k, head + d);
      value[d] = warp.shuffle(v, head + d);
    }
  }

  LADDER_DEVICE void look_up(Warp& warp, int token, int position, Float& x,
                             Float (&query)[head_dim], Float (&key)[head_dim],
                             Float (&value)[head_dim]) {
    const PlaceTable::Row& row = table_->rows[token][position];
    const Int head = (warp.lane() >> 3) * head_dim;
    warp.part(Part::attention);
    x = warp.load(row.x, warp.lane() & (n_embd - 1));
    LADDER_UNROLL
    for (int d = 0; d < head_dim; ++d) {
      query[d] = warp.load(row.q + d, head);
      key[d] = warp.load(row.k + d, head);
      value[d] = warp.load(row.v + d, head);
    }
  }

  Weights& w_;
  const PackedWeights& packed_;
  const PlaceTable* table_;
  LaneAttention<Warp> attention_;
};

}  // namespace ladder::gpu
