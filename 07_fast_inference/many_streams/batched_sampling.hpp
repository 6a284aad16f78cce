#pragma once
/// \file
/// Drawing tokens for many streams, a stream in each lane: nothing crosses lanes.

#include "07_fast_inference/model/engine.hpp"
#include "07_fast_inference/one_stream/simd.hpp"

namespace ladder {
inline namespace LADDER_WIDTH {

/// lm_head's 27 rows and an empty one, to make fours of them.
inline constexpr int head_rows = 28;

/// What each stream reads next, and its Xorshift32. Arrays of a number of each stream, so that a
/// vector takes them up as they are.
template <int streams>
struct StreamStates {
  alignas(64) int token[streams];             ///< to be read next, as Place has it
  alignas(64) int position[streams];          ///< of that token
  alignas(64) std::uint32_t random[streams];  ///< state of Xorshift32

  /// Puts stream `s` at a place; its random numbers go on.
  [[gnu::always_inline]] void place(int s, Place place) {
    token[s] = place.token;
    position[s] = place.position;
  }

  /// next_uniform() of the streams of vector v.
  [[gnu::always_inline]] Lanes next_uniforms(int v) {
    using State [[gnu::vector_size(lanes * 4)]] = std::uint32_t;
    State state;
    std::memcpy(&state, random + v * lanes, sizeof state);
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    std::memcpy(random + v * lanes, &state, sizeof state);
    return __builtin_convertvector((IntLanes)(state >> 8), Lanes) * 0x1p-24f;
  }

  /// next_place() of the streams of vector v, once each has drawn its token.
  [[gnu::always_inline]] void advance(int v, IntLanes drawn) {
    IntLanes next;
    std::memcpy(&next, position + v * lanes, sizeof next);
    next += 1;
    const IntLanes ends = (drawn == bos_token) | (next == block_size);
    drawn = ends ? IntLanes{} + bos_token : drawn;
    next &= ~ends;
    std::memcpy(token + v * lanes, &drawn, sizeof drawn);
    std::memcpy(position + v * lanes, &next, sizeof next);
  }
};

/// A token for each stream of vector v, drawn from 2^logit with u. The running sums are four chains
/// side by side, each over a quarter of the tokens: an addition has to wait for the one before.
/// \tparam safe  no logit can overflow exp2, so the largest need not be taken off first
template <bool safe, int vectors>
[[gnu::always_inline]] inline IntLanes draw(const Lanes (&logits)[head_rows][vectors], int v,
                                            Lanes u) {
  constexpr int chains = 4, length = head_rows / chains;
  Lanes largest = logits[0][v];
  for (int t = 1; !safe && t < vocab_size; ++t) largest = max(largest, logits[t][v]);
  Lanes sums[chains][length], before[chains] = {};
  repeat<length>([&](auto i) __attribute__((always_inline)) {
    unroll<chains>([&](auto c) __attribute__((always_inline)) {
      const int t = c * length + i;
      const Lanes logit = safe ? logits[t][v] : max(logits[t][v] - largest, splat(-126));
      const Lanes weight = t < vocab_size ? exp2(logit) : Lanes{};
      sums[c][i] = i == 0 ? weight : sums[c][i - 1] + weight;
    });
  });
  for (int c = 1; c < chains; ++c) before[c] = before[c - 1] + sums[c - 1][length - 1];
  const Lanes threshold = u * (before[chains - 1] + sums[chains - 1][length - 1]);
  IntLanes token[chains] = {};
  repeat<length>([&](auto i) __attribute__((always_inline)) {
    unroll<chains>([&](auto c) __attribute__((always_inline)) {
      token[c] -= sums[c][i] <= threshold - before[c];  // true is -1
    });
  });
  const IntLanes sum = (token[0] + token[1]) + (token[2] + token[3]);
  return sum < bos_token ? sum : IntLanes{} + bos_token;
}

/// A token for every stream, written to `tokens` (streams), and its next place.
/// \param x  (n_embd, streams) as lm_head read it
/// \param limit  as safe_squares() says for these logits
template <int streams, int vectors>
[[gnu::always_inline]] inline void draw_all(StreamStates<streams>& states,
                                            const Lanes (&x)[n_embd][vectors],
                                            const Lanes (&logits)[head_rows][vectors], float limit,
                                            std::uint8_t* tokens) {
  using Bytes [[gnu::vector_size(lanes)]] = std::uint8_t;
  for (int v = 0; v < vectors; ++v) {
    Lanes squares = {};
    for (int i = 0; i < n_embd; ++i) squares += x[i][v] * x[i][v];
    const bool safe = count_less_equal(squares, splat(limit)) == lanes;
    const Lanes u = states.next_uniforms(v);
    const IntLanes drawn = safe ? draw<true>(logits, v, u) : draw<false>(logits, v, u);
    const Bytes bytes = __builtin_convertvector(drawn, Bytes);
    std::memcpy(tokens + v * lanes, &bytes, sizeof bytes);
    states.advance(v, drawn);
  }
}

}  // namespace LADDER_WIDTH
}  // namespace ladder
