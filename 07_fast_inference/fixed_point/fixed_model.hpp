#pragma once
/// \file
/// The weights in fixed point: 16-bit integers, the exponents and shifts that go with them, and the
/// proof that 32 bits are enough for every sum.

#include <cstddef>
#include <cstdint>

#include "07_fast_inference/model/model.hpp"

namespace ladder {

/// Which 16 bits: F, and whether kinds of numbers may have exponents of their own.
struct FixedFormat {
  int fraction = 12;      ///< F
  bool exponents = true;  ///< if false, all exponents are 0 and what is too large saturates
};

/// 16-bit weights of a matrix and their exponent e: n means n / 2^F · 2^e.
template <std::size_t rows, std::size_t columns>
struct FixedMatrix {
  std::int16_t weight[rows][columns];  ///< [out][in]
  int exponent;                        ///< e, 0 or above
};

/// The exponents of what is not a weight.
struct FixedExponents {
  int embedding,  ///< wte, wpe and their sum
      residual,   ///< x from the first norm to the MLP
      normed,     ///< what the matrices of attention and fc1 read
      query,      ///< q
      key,        ///< k
      value,      ///< v, and what attention makes of it
      hidden,     ///< fc1's result
      last;       ///< x after the MLP
};

/// How far a chip shifts what it has added up: constants, known once the weights are.
struct FixedShifts {
  int query;     ///< of attn_wq's sums
  int key;       ///< of attn_wk
  int value;     ///< of attn_wv
  int score;     ///< of a difference of two scores, to unsigned Q4.12
  int mixed;     ///< of attn_wo
  int hidden;    ///< of mlp_fc1
  int residual;  ///< of x before the MLP's result is added
  int down;      ///< of mlp_fc2
  int logit;     ///< of a difference of two logits, to unsigned Q5.11
};

/// A model's weights as a chip has them.
struct FixedModel {
  FixedFormat format;                       ///< of all numbers
  bool final_norm;                          ///< as in MicroGpt
  FixedExponents exponent;                  ///< fitted to measure_ranges(), if the format has them
  FixedShifts shift;                        ///< what follows from the exponents
  FixedMatrix<vocab_size, n_embd> wte;      ///< with e.embedding, as wpe
  FixedMatrix<block_size, n_embd> wpe;      ///< likewise
  FixedMatrix<n_embd, n_embd> wq,           ///< halves: √head_dim is divided by already
      wk,                                   ///< as in MicroGpt, and so are the others
      wv,                                   ///< values
      wo;                                   ///< mixes the heads
  FixedMatrix<n_hidden, n_embd> fc1;        ///< up
  FixedMatrix<n_embd, n_hidden> fc2;        ///< down
  FixedMatrix<vocab_size, n_embd> lm_head;  ///< logits

  /// No sum of products leaves 32 bits on the way, whatever the order: proved from the weights.
  /// With exponents that always holds, for weights are made smaller until it does.
  bool fits_32_bits;

  /// What the last bit of a logit's sum is worth.
  double logit_unit() const;

  /// 1e-5 (RMSNorm's) beside the mean of squares of numbers with this exponent, rounded.
  std::uint32_t norm_epsilon_of(int exponent) const;
};

/// Rounds the weights, and chooses exponents as small as the numbers of measure_ranges() allow.
FixedModel to_fixed_model(const MicroGpt& model, FixedFormat format = {});

/// The same function, other weights: what is too large for Q4.12 is made smaller where it is
/// produced and larger where it is used, so that no exponents are needed but for the last x.
///
/// - RMSNorm forgets the scale of its input: the embeddings (with a final norm, all that is added
/// to
///   x) may be c times as large.
/// - q · k is the same for c q and k / c; so is the heads' result for c v and attn_wo / c.
/// - ReLU(c u) = c ReLU(u) for c > 0: so rows of mlp_fc1 times c, columns of mlp_fc2 by c.
///
/// But for the rounding of weights, and for RMSNorm's 1e-5, the logits are those of `model`.
MicroGpt fit_to_fixed_point(const MicroGpt& model);

}  // namespace ladder
