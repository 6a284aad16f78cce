#pragma once
/// \file
/// The GPT of stage 06 at its one fixed shape, as the engines of this stage read it.

#include <cstddef>

#include "common/safetensors.hpp"

namespace ladder {

/// Width of the residual stream.
inline constexpr int n_embd = 16;
/// Attention heads.
inline constexpr int n_head = 4;
/// Width of a head.
inline constexpr int head_dim = n_embd / n_head;
inline constexpr int n_hidden = 4 * n_embd;  ///< width of the MLP
inline constexpr int block_size = 16;        ///< positions
inline constexpr int vocab_size = 27;        ///< a–z are 0–25
inline constexpr int bos_token = 26;         ///< begins and ends a name
/// RMSNorm adds it to the mean of squares.
inline constexpr float norm_epsilon = 1e-5f;

/// A model of stage 06, its matrices and where its RMSNorms stand. A size known when the compiler
/// runs is what every engine above `eigen_dynamic` lives on: loops unroll, nothing is allocated,
/// nothing is checked in the loop. Matrices are [out][in], as in the weights file.
struct MicroGpt {
  float wte[vocab_size][n_embd];      ///< token embeddings
  float wpe[block_size][n_embd];      ///< position embeddings
  float attn_wq[n_embd][n_embd];      ///< queries, head h in rows 4h … 4h+3; so are keys, values
  float attn_wk[n_embd][n_embd];      ///< keys
  float attn_wv[n_embd][n_embd];      ///< values
  float attn_wo[n_embd][n_embd];      ///< mixes the heads
  float mlp_fc1[n_hidden][n_embd];    ///< up
  float mlp_fc2[n_embd][n_hidden];    ///< down
  float lm_head[vocab_size][n_embd];  ///< logits

  /// Two RMSNorms stand in every model, before attention and before the MLP. The third one stands
  /// after the embeddings in microGPT's variant (false), and before lm_head in the one that stage
  /// 06 trains by default (true), whose gains read_model() has put into the matrices.
  bool final_norm = false;
};
static_assert(offsetof(MicroGpt, final_norm) == 4192 * sizeof(float));

/// A gain is multiplied into the columns of the matrices that read what it scales, in double, and
/// rounded once: Σ_j W[i][j] (g[j] x[j]) = Σ_j (W[i][j] g[j]) x[j].
/// \throws Error if the weights speak another alphabet than the 27 symbols, have another shape,
///         some of the three gains only, or tensors that neither variant knows (more layers).
MicroGpt read_model(const Weights& weights);

/// The other way round, for tests and for weights made up. Where the variant has gains, they are 1.
Weights to_weights(const MicroGpt& model);

/// As long as |x|² at the head is below this, no logit times `factor` is beyond ±100, and powers of
/// 2 neither overflow nor vanish. (A product w · x is never further from 0 than |w| times |x|.
/// After a final norm |x|² is 16 at most, but for rounding.)
float safe_squares(const MicroGpt& model, float factor);

/// Random weights from N(0, sigma²): a model that says nothing, at the same price a token.
MicroGpt random_model(unsigned seed, float sigma = 0.08f, bool final_norm = false);

}  // namespace ladder
