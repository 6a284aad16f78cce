#pragma once
/// \file
/// The model for one name in streaming mode: a matrix times a vector has no outer products to add
/// up, but ZA holds sums there too.

#include "07_fast_inference/model/model.hpp"
#include "08_hardware/sme2/kernels/outer_products.hpp"

namespace ladder::sme2 {

/// The matrices with a row for each input, as svmla adds them up: the row times its number.
struct DecodeWeights {
  float wte[vocab_size][n_embd];      ///< token embeddings
  float wpe[block_size][n_embd];      ///< position embeddings
  float qkv[n_embd][3 * n_embd];      ///< queries (times log2(e) / √head_dim), keys, values
  float wo[n_embd][n_embd];           ///< mixes the heads
  float fc1[n_embd][n_hidden];        ///< up
  float fc2[n_hidden][n_embd];        ///< down
  float lm_head[n_embd][vocab_size];  ///< logits
  bool final_norm;                    ///< as MicroGpt has it
};

/// What is known of the name so far.
struct DecodeState {
  float keys[n_embd][block_size];    ///< turned around: positions lie side by side
  float values[block_size][n_embd];  ///< of each position
  float logits[vocab_size];          ///< of the next token
};

/// As decode.cpp needs them.
DecodeWeights decode_weights(const MicroGpt& model);

/// Reads one token. Enters streaming mode once.
void read_token(const DecodeWeights& weights, DecodeState& state, int token, int position);

/// y (outs) = Wᵀ x or y += Wᵀ x, W (ins, outs) row-major. Enters streaming mode once.
/// \param ins  a multiple of four
void multiply_vector(const float* w, const float* x, float* y, Index ins, Index outs, bool add);

/// The same with NEON, as the compiler makes it of a plain loop.
void multiply_vector_plainly(const float* w, const float* x, float* y, Index ins, Index outs,
                             bool add);

}  // namespace ladder::sme2
