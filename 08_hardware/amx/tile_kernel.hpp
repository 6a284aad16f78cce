#pragma once
/// \file
/// A step of 64 streams by tiles, whatever computes these. Between two products a stream's numbers
/// lie in a row, so vectors go along the row; what needs a number of every stream side by side (the
/// norm, the draw) turns squares of numbers first.
///
/// Everything that does not depend on the tiles' type is forced inline, so that no other file is
/// linked with what was compiled for a machine it may not run on.

#include "08_hardware/amx/narrowing.hpp"
#include "08_hardware/amx/tile_product.hpp"
#include "08_hardware/amx/tile_streams.hpp"

namespace ladder {
inline namespace LADDER_WIDTH {

/// What a step leaves in memory between its products; 64 streams, a row each.
struct TileScratch {
  static constexpr int streams = TileStreams::streams;  ///< as there
  static constexpr int groups = TileStreams::groups;    ///< of 16 streams

  alignas(64) float mixed[streams][n_embd];  ///< the heads' results
  alignas(64) float x[streams][n_embd];      ///< between the parts; at last as lm_head reads it
  alignas(64) float factor[streams];         ///< what RMSNorm multiplies with
  TileMemory split[groups][1];        ///< sixteen inputs as bfloat16, and what that left over
  TileMemory bytes[groups][1] = {};   ///< the normed x; the other 48 bytes of a row stay 0
  TileMemory hidden[groups][2];       ///< of bfloat16; bytes take the first
  TileMemory sums[groups][1];         ///< of 16 outputs
  TileMemory hidden_sums[groups][4];  ///< of 64
  TileMemory logits[groups][2];       ///< 27, then zeros
};

/// The row of a stream.
template <std::size_t tiles>
[[gnu::always_inline]] inline unsigned char* row_of(
    TileMemory (&memory)[TileStreams::groups][tiles], int stream, int tile = 0) {
  return memory[stream / tile_rows][tile].row[stream % tile_rows];
}

/// The same, as floats.
template <std::size_t tiles>
[[gnu::always_inline]] inline Sixteen floats_of(TileMemory (&memory)[TileStreams::groups][tiles],
                                                int stream, int tile = 0) {
  Sixteen result;
  std::memcpy(&result, row_of(memory, stream, tile), sizeof result);
  return result;
}

/// Σ x² of the `lanes` streams from `first` on, a stream in each lane.
[[gnu::always_inline]] inline Lanes squares_of(const float (&x)[TileStreams::streams][n_embd],
                                               int first) {
  Lanes square[lanes], sum = {};
  for (int i = 0; i < lanes; ++i) {
    const Sixteen row = Sixteen::load(x[first + i]);
    square[i] = row.part[0] * row.part[0];
    for (int p = 1; p < Sixteen::parts; ++p) square[i] += row.part[p] * row.part[p];
  }
  transpose(square);
  for (const Lanes& each : square) sum += each;
  return sum;
}

/// What RMSNorm multiplies x with, of every stream.
[[gnu::always_inline]] inline void norm_factors(TileScratch& t) {
  for (int s = 0; s < TileStreams::streams; s += lanes) {
    store(t.factor + s, one_over_sqrt(squares_of(t.x, s) / n_embd + norm_epsilon));
  }
}

/// x += fc2 relu(fc1 norm(x)), in 8 bits.
template <class Tiles>
[[gnu::always_inline]] inline void add_mlp_of_bytes(const TileWeights& w, Tiles& tiles,
                                                    TileScratch& t) {
  for (int s = 0; s < TileStreams::streams; ++s) {
    signed_bytes(t.x[s], t.factor[s] * w.normed_scale, row_of(t.bytes, s));
  }
  multiply_streams<TileNumbers::signed_bytes>(tiles, t.bytes, w.fc1_bytes, t.hidden_sums);
  TileMemory hidden[TileStreams::groups][1];
  for (int s = 0; s < TileStreams::streams; ++s) {
    const unsigned char* sums[4] = {row_of(t.hidden_sums, s, 0), row_of(t.hidden_sums, s, 1),
                                    row_of(t.hidden_sums, s, 2), row_of(t.hidden_sums, s, 3)};
    hidden_bytes(sums, w.hidden_factor, row_of(hidden, s));
  }
  multiply_streams<TileNumbers::unsigned_bytes>(tiles, hidden, w.fc2_bytes, t.sums);
  for (int s = 0; s < TileStreams::streams; ++s) {
    Sixteen x = Sixteen::load(t.x[s]);
    for (int p = 0; p < Sixteen::parts; ++p) {
      IntLanes sum;
      std::memcpy(&sum, row_of(t.sums, s) + p * sizeof sum, sizeof sum);
      x.part[p] += __builtin_convertvector(sum, Lanes) * load(w.fc2_unit + p * lanes);
    }
    x.store(t.x[s]);
  }
}

/// The same in bfloat16. The norm waits: ReLU lets a positive factor pass.
template <class Tiles>
[[gnu::always_inline]] inline void add_mlp_of_bfloats(const TileWeights& w, Tiles& tiles,
                                                      TileScratch& t) {
  for (int s = 0; s < TileStreams::streams; ++s) split(t.x[s], row_of(t.split, s));
  multiply_streams<TileNumbers::bfloats>(tiles, t.split, w.fc1, t.hidden_sums);
  for (int s = 0; s < TileStreams::streams; ++s) {
    for (int half = 0; half < 2; ++half) {
      hidden_bfloats(row_of(t.hidden_sums, s, 2 * half), row_of(t.hidden_sums, s, 2 * half + 1),
                     row_of(t.hidden, s, half));
    }
  }
  multiply_streams<TileNumbers::bfloats>(tiles, t.hidden, w.fc2, t.sums);
  for (int s = 0; s < TileStreams::streams; ++s) {
    const Sixteen sum = floats_of(t.sums, s) * splat(t.factor[s]);
    (Sixteen::load(t.x[s]) + sum).store(t.x[s]);
  }
}

/// x as lm_head reads it, and logits of every stream's next token, times the head's factor.
template <bool bytes, class Tiles, class Clock>
[[gnu::always_inline]] inline void pass(TileStreams& state, Tiles& tiles, TileScratch& t,
                                        Clock&& clock) {
  const TileWeights& w = state.weights;
  state.attention.attend_by_rows(state.rows, state.states.token, state.states.position, t.mixed);
  for (int s = 0; s < TileStreams::streams; ++s) split(t.mixed[s], row_of(t.split, s));
  multiply_streams<TileNumbers::bfloats>(tiles, t.split, w.wo, t.sums);
  for (int s = 0; s < TileStreams::streams; ++s) {
    (Sixteen::load(state.attention.row(s).residual) + floats_of(t.sums, s)).store(t.x[s]);
  }
  clock.end(Part::attention);
  norm_factors(t);
  clock.end(Part::norms);
  if constexpr (bytes) add_mlp_of_bytes(w, tiles, t);
  if constexpr (!bytes) add_mlp_of_bfloats(w, tiles, t);
  clock.end(Part::mlp);
  if (w.final_norm) [[unlikely]] {
    norm_factors(t);
    for (int s = 0; s < TileStreams::streams; ++s) {
      (Sixteen::load(t.x[s]) * splat(t.factor[s])).store(t.x[s]);
    }
  }
  for (int s = 0; s < TileStreams::streams; ++s) split(t.x[s], row_of(t.split, s));
  multiply_streams<TileNumbers::bfloats>(tiles, t.split, w.head, t.logits);
  clock.end(Part::head);
}

/// A token for every stream, written to `tokens` (streams), and its next place.
[[gnu::always_inline]] inline void draw_tokens(TileStreams& state, TileScratch& t,
                                               std::uint8_t* tokens) {
  using Bytes [[gnu::vector_size(lanes)]] = std::uint8_t;
  for (int v = 0; v < TileStreams::streams / lanes; ++v) {
    Lanes logits[head_rows][1];
    for (int first = 0; first < head_rows; first += lanes) {
      Lanes square[lanes];
      for (int i = 0; i < lanes; ++i) {
        const int s = v * lanes + i;
        std::memcpy(&square[i], row_of(t.logits, s, first / 16) + first % 16 * 4, sizeof(Lanes));
      }
      transpose(square);
      for (int i = 0; i < lanes && first + i < head_rows; ++i) logits[first + i][0] = square[i];
    }
    const Lanes squares = squares_of(t.x, v * lanes);
    const bool safe = count_less_equal(squares, splat(state.safe_squares)) == lanes;
    const Lanes u = state.states.next_uniforms(v);
    const IntLanes drawn = safe ? draw<true>(logits, 0, u) : draw<false>(logits, 0, u);
    const Bytes bytes = __builtin_convertvector(drawn, Bytes);
    std::memcpy(tokens + v * lanes, &bytes, sizeof bytes);
    state.states.advance(v, drawn);
  }
}

/// A TileForward.
template <bool bytes, class Tiles>
void tile_forward(TileStreams& state, float* out) {
  TileScratch t;
  Tiles tiles;
  tiles.configure();
  pass<bytes>(state, tiles, t, NoClock());
  tiles.release();
  for (int s = 0; s < TileStreams::streams; ++s) {
    for (int i = 0; i < vocab_size; ++i) {
      std::memcpy(out + s * vocab_size + i, row_of(t.logits, s, i / 16) + i % 16 * 4, 4);
    }
  }
}

/// A TileGenerate. Tiles are configured once a call, of many steps.
template <bool bytes, class Tiles>
void tile_generate(TileStreams& state, std::uint8_t* tokens, std::size_t steps) {
  TileScratch t;
  Tiles tiles;
  tiles.configure();
  for (; steps > 0; --steps, tokens += TileStreams::streams) {
    pass<bytes>(state, tiles, t, NoClock());
    draw_tokens(state, t, tokens);
  }
  tiles.release();
}

/// A TileTimed.
template <bool bytes, class Tiles>
void tile_timed(TileStreams& state, std::size_t steps, PartTicks& ticks) {
  std::uint8_t tokens[TileStreams::streams];
  TileScratch t;
  Tiles tiles;
  tiles.configure();
  for (PartClock<false> clock(ticks); steps > 0; --steps) {
    pass<bytes>(state, tiles, t, clock);
    draw_tokens(state, t, tokens);
    clock.end(Part::draw);
  }
  tiles.release();
}

/// The kernel of these tiles.
template <class Tiles>
TileKernel make_tile_kernel(bool bytes) {
  if (bytes) {
    return {tile_forward<true, Tiles>, tile_generate<true, Tiles>, tile_timed<true, Tiles>};
  }
  return {tile_forward<false, Tiles>, tile_generate<false, Tiles>, tile_timed<false, Tiles>};
}

}  // namespace LADDER_WIDTH
}  // namespace ladder
