#pragma once
/// \file
/// The model for 64 names at once in streaming mode: plain data, and three functions that enter it.

#include <cstdint>

#include "07_fast_inference/model/model.hpp"

namespace ladder::sme2 {

/// Names written at once: as many as the longest vector that SME allows has lanes (2048 bits).
inline constexpr int n_streams = 64;
/// A number of every stream.
using Streams = float[n_streams];

/// The matrices as outer products take them: a row for each input, so turned around.
struct StreamsWeights {
  float wte[vocab_size][n_embd];      ///< token embeddings
  float wpe[block_size][n_embd];      ///< position embeddings
  float wq[n_embd][n_embd];           ///< and times log2(e) / √head_dim: scores are powers of 2
  float wkv[n_embd][2 * n_embd];      ///< keys, then values: one product
  float wo[n_embd][n_embd];           ///< mixes the heads
  float fc1[n_embd][n_hidden];        ///< up
  float fc2[n_hidden][n_embd];        ///< down
  float lm_head[n_embd][vocab_size];  ///< logits
  bool final_norm;                    ///< as MicroGpt has it
};

/// The streams, and what is known of their pasts.
struct StreamsState {
  std::int32_t token[n_streams];     ///< to be read next
  std::int32_t position[n_streams];  ///< of that token
  std::uint32_t random[n_streams];   ///< states of Xorshift32
  int now;                           ///< which row of `past` this step writes
  /// Keys and values, of the step `now` and the 15 before: a ring. A stream at position p looks at
  /// the last p + 1 of them, so streams need not be in step with each other.
  Streams past[block_size][2 * n_embd];
  Streams x[n_embd], normed[n_embd], query[n_embd], mixed[n_embd], hidden[n_hidden];
  Streams logits[vocab_size];  ///< of each stream's next token
};

/// As streams.cpp needs them.
StreamsWeights streams_weights(const MicroGpt& model);

/// Reads a token of every stream; the logits are in `state`. Enters streaming mode once.
void read_tokens(const StreamsWeights& weights, StreamsState& state);

/// Reads and draws, again and again, all in streaming mode, which is entered once.
/// \param factor  log2(e) / temperature
/// \param tokens  (steps, n_streams) what was drawn
void write_tokens(const StreamsWeights& weights, StreamsState& state, float factor, int steps,
                  std::uint8_t* tokens);

}  // namespace ladder::sme2
