#pragma once
/// \file
/// v6 adds to v5: the matrix unit. A warp has sixteen streams; they are the rows of the left matrix
/// of `mma.m16n8k8`, weights are the right one, in tf32. What a product leaves in a lane is just
/// what the next one wants there, if inputs are taken in another order, so no number changes lanes
/// between matrices. Queries, keys and values are looked up by token and position: a stream's past
/// is its last tokens.

#include "08_hardware/cuda/inference/job.hpp"
#include "08_hardware/cuda/inference/v6_tiles.hpp"
#include "08_hardware/cuda/inference/v6_weights.hpp"
#include "08_hardware/cuda/warp/collectives.hpp"

namespace ladder::gpu {

/// The model, for sixteen streams. Numbers of 16 or of 64 outputs lie in tiles of 8: lane 4 g + t
/// has outputs 2 t and 2 t + 1 of streams g ([0], [1]) and g + 8 ([2], [3]).
template <class Warp>
class TensorModel {
 public:
  using Float = typename Warp::Float;
  using Int = typename Warp::Int;
  using Unsigned = typename Warp::Unsigned;

  /// \param tables  of the places
  LADDER_DEVICE TensorModel(const FragmentWeights& weights, const PlaceTable& tables,
                            TensorPast& past)
      : w_(weights), table_(&tables.rows[0][0].x[0]), past_(past) {}

  /// Feeds a token to each stream; the logits are in the shared past.
  /// \param token, position  of streams lane / 4 and lane / 4 + 8
  LADDER_DEVICE void step(Warp& warp, const Int (&token)[2], const Int (&position)[2]) {
    const Int stream = warp.lane() >> 2, column = (warp.lane() & 3) * 2;
    Float x[2][4];
    LADDER_UNROLL
    for (int s = 0; s < 2; ++s) {
      const Int row = row_at(token[s], position[s]);
      warp.when(column == 0, [&] {  // one of the four lanes that know it
        warp.store(&past_.tokens[0][0], (stream + s * 8) * (block_size + 1) + position[s],
                   token[s]);
      });
      load_row(warp, row + column, s, x);
    }
    warp.sync();
    attend(warp, token, position, x);
    add_mlp(warp, x);
    Float logits[4][4];
    zero_tiles(logits);
    if (w_.final_norm != 0) scale_tiles(warp, x);
    warp.part(Part::matrices);
    multiply_tiles(warp, w_.head, x, logits);
    store_logits(warp, logits);
  }

 private:
  // Of stream s's row in `table_`: a row has x, q, k and v.
  static LADDER_DEVICE Int row_at(const Int& token, const Int& position) {
    return (token * block_size + position) * (4 * n_embd);
  }

  // 16 numbers of a row, two tiles of them, of stream g + 8 s.
  template <class Tiles>
  LADDER_DEVICE void load_row(Warp& warp, const Int& at, int s, Tiles& tiles) {
    LADDER_UNROLL
    for (int n = 0; n < 2; ++n) {
      tiles[n][2 * s] = warp.load(table_ + 8 * n, at);
      tiles[n][2 * s + 1] = warp.load(table_ + 8 * n + 1, at);
    }
  }

  // x += wo · attention
  LADDER_DEVICE void attend(Warp& warp, const Int (&token)[2], const Int (&position)[2],
                            Float (&x)[2][4]) {
    Float mixed[2][4];
    LADDER_UNROLL
    for (int s = 0; s < 2; ++s) attend_one(warp, token[s], position[s], s, mixed);
    warp.part(Part::matrices);
    multiply_tiles(warp, w_.wo, mixed, x);
  }

  // Of stream g + 8 s. Two lanes have a head, two numbers each; a lane has one of heads 0 and 1 in
  // tile 0 and one of heads 2 and 3 in tile 1. The softmax is made in one pass over the past: when
  // a score is larger than all before, what was summed up shrinks (Milakov and Gimelshein, 2018).
  LADDER_DEVICE void attend_one(Warp& warp, const Int& token, const Int& position, int s,
                                Float (&mixed)[2][4]) {
    warp.part(Part::attention);
    const Int stream = (warp.lane() >> 2) + s * 8, column = (warp.lane() & 3) * 2;
    Float query[2][4], top[2], total[2];
    load_row(warp, row_at(token, position) + column + n_embd, s, query);
    LADDER_UNROLL
    for (int n = 0; n < 2; ++n) {
      top[n] = Float(-3.0e38f);
      total[n] = mixed[n][2 * s] = mixed[n][2 * s + 1] = Float(0.0f);
    }
    for (int t = 0; t < block_size && warp.ballot(position >= t) != 0; ++t) {
      Float key[2][4], value[2][4];
      const auto is_past = position >= t;
      Int row = 0;
      warp.when(is_past, [&] {
        row =
            row_at(warp.load(&past_.tokens[0][0], stream * (block_size + 1) + t), Int(t)) + column;
        load_row(warp, row + 2 * n_embd, s, key);
        load_row(warp, row + 3 * n_embd, s, value);
      });
      LADDER_UNROLL
      for (int n = 0; n < 2; ++n) {
        Float score = 0.0f;
        warp.when(is_past, [&] {
          score = fused(query[n][2 * s], key[n][2 * s], query[n][2 * s + 1] * key[n][2 * s + 1]) *
                  Float(log2_of_e / 2);
        });
        score = score + warp.shuffle_xor(score, 1);
        warp.when(is_past, [&] {
          const Float higher = larger(top[n], score);
          const Float shrink = exp2_of(top[n] - higher), weight = exp2_of(score - higher);
          top[n] = higher;
          total[n] = fused(total[n], shrink, weight);
          mixed[n][2 * s] = fused(mixed[n][2 * s], shrink, weight * value[n][2 * s]);
          mixed[n][2 * s + 1] = fused(mixed[n][2 * s + 1], shrink, weight * value[n][2 * s + 1]);
        });
      }
    }
    LADDER_UNROLL
    for (int n = 0; n < 2; ++n) {
      const Float share = reciprocal(total[n]);
      mixed[n][2 * s] = mixed[n][2 * s] * share;
      mixed[n][2 * s + 1] = mixed[n][2 * s + 1] * share;
    }
  }

  // x += fc2 · relu(fc1 · norm(x))
  LADDER_DEVICE void add_mlp(Warp& warp, Float (&x)[2][4]) {
    Float normed[2][4], hidden[8][4];
    LADDER_UNROLL
    for (int i = 0; i < 8; ++i) normed[i / 4][i % 4] = x[i / 4][i % 4];
    scale_tiles(warp, normed);
    zero_tiles(hidden);
    warp.part(Part::matrices);
    multiply_tiles(warp, w_.fc1, normed, hidden);
    LADDER_UNROLL
    for (int i = 0; i < 32; ++i) hidden[i / 4][i % 4] = larger(hidden[i / 4][i % 4], Float(0.0f));
    multiply_tiles(warp, w_.fc2, hidden, x);
  }

  LADDER_DEVICE void store_logits(Warp& warp, const Float (&logits)[4][4]) {
    const Int stream = warp.lane() >> 2, column = (warp.lane() & 3) * 2;
    LADDER_UNROLL
    for (int i = 0; i < 16; ++i) {
      const Int at = (stream + i % 4 / 2 * 8) * 33 + column + (i / 4 * 8 + i % 2);
      warp.store(&past_.logits[0][0], at, logits[i / 4][i % 4]);
    }
    warp.sync();
  }

  const FragmentWeights& w_;
  const float* table_;  // (token, position, {x, q, k, v}, n_embd)
  TensorPast& past_;
};

/// One step's draws: two lanes have a stream, the lower one its tokens 0 … 13, the upper one the
/// rest. \param stream  lane / 2
/// \returns its token, in both lanes
template <class Warp>
LADDER_DEVICE typename Warp::Int draw_pairs(Warp& warp, const TensorPast& past, float scale,
                                            const typename Warp::Float& u);

/// As write_names(), for sixteen streams. \param states  (16) where they stand
/// \param kept  (16, block_size) tokens of their pasts
template <class Warp>
LADDER_DEVICE void write_sixteen(Warp& warp, TensorModel<Warp>& model, TensorPast& past,
                                 StreamState* states, int* kept, int first_stream, const Job& job);

}  // namespace ladder::gpu

#include "08_hardware/cuda/inference/v6_names.hpp"
