#pragma once
/// \file
/// The model in fixed point, to the last bit: what a chip computes, and what one is tested against.
///
/// The room fixed_point/ may include model/ and judge/ (and what it needs of the engines' rooms
/// before it), and no room that comes after it; whoever builds the chip begins here.
///
/// Numbers, rounding, saturation, exp, reciprocal and reciprocal square root are those of
/// fixed_point.hpp; F is the format's number of fraction bits (12). Beside them each kind of number
/// has an exponent e, fixed when the weights are converted: n means n / 2^F · 2^e. Most are 0; a
/// chip does nothing for them but shift by another constant. (These weights have embeddings of 8.7,
/// queries of 10.5 and residuals of 9.5; Q4.12 ends at 8.)
///
/// One token, in this order; `sum(…)` is a 32-bit accumulator (multiply_accumulate in order of the
/// index, from 0), → is narrow() to the format of what stands on the left:
///
///  1. x[i] = wte[token][i] + wpe[position][i], saturated.                       (e.embedding)
///  2. x = norm(x), where norm is: m = Σ (x[i]² + 8) >> 4, plus ε = 1e-5 · 2^(2F - 2e), rounded;
///     r = reciprocal_sqrt(m); each x[i] · r → .                                 (e.residual)
///  3. h = norm(x).                                                              (e.normed)
///  4. q, k, v ← sum_j W[i][j] h[j]; k and v are kept for this position.    (e.query, e.key,
///  e.value)
///  5. Each head, for every position t so far: s[t] = sum over its four dimensions of q k[t];
///     z[t] = max(s) - s[t] as unsigned Q4.12, √4 divided by;  p[t] = exp_negative(z[t]);
///     r = reciprocal(Σ p);  w[t] = p[t] · r, signed Q1.15 (at most 32767);
///     a[i] ← sum_t w[t] v[t][i].                                                (e.value)
///  6. x[i] = x[i] + (← sum_j attn_wo[i][j] a[j]), saturated.                    (e.residual)
///  7. h = norm(x);  u[i] = max(0, ← sum_j mlp_fc1[i][j] h[j]).                  (e.hidden)
///  8. x[i] → (e.last), then + (← sum_j mlp_fc2[i][j] u[j]), saturated.          (e.last)
///  9. logit[i] = sum_j lm_head[i][j] x[j]. It stays a 32-bit sum of 2F fraction bits.
///
/// Drawing a token: 10. d[i] = max(logit) - logit[i] as unsigned Q5.11. 11. z[i] = d[i] · b,
/// unsigned Q4.12, where b = 1 / temperature in unsigned Q6.10. 12. p[i] = exp_negative(z[i]).
/// 13. With the contract's xorshift32 state x: the first token whose running sum of p exceeds
/// (x >> 8) · Σp >> 24. (That product of 24 and 20 bits is the widest number there is.)
/// At temperature 0: the first token with the largest logit, by the 32-bit sums of step 9.

#include "07_fast_inference/fixed_point/fixed_point.hpp"
#include "07_fast_inference/model/engine.hpp"

namespace ladder {

/// Which 16 bits: F, and whether kinds of numbers may have exponents of their own.
struct FixedFormat {
  int fraction = 12;      ///< F
  bool exponents = true;  ///< if false, all exponents are 0 and what is too large saturates
};

/// 16-bit weights of a matrix and their exponent.
template <std::size_t rows, std::size_t columns>
struct FixedMatrix {
  std::int16_t weight[rows][columns];  ///< [out][in]; n means n / 2^F · 2^exponent
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
      last;       ///< x after the MLP, as lm_head reads it
};

/// One stream in fixed point.
class FixedPointEngine : public Engine {
 public:
  /// Largest |logit - reference| that Q4.12 is held to with the shipped weights. The golden names
  /// are chosen to be strange; scores of 60 in their attention turn the last bit of a query into
  /// 3% of a weight. On names of the corpus the error is a third of this.
  static constexpr double error_bound = 0.15;

  /// Converts the weights; exponents, if the format has them, are fitted to measure_ranges(model).
  /// \throws UsageError if the model has a final norm: the chip is built for microGPT's variant.
  explicit FixedPointEngine(const MicroGpt& model, FixedFormat format = {});

  void forward(std::span<const Place> places, std::span<float> logits) override;

  /// Steps 1 to 9. \returns (vocab_size), in units of logit_unit()
  std::array<std::int32_t, vocab_size> sums(Place place);

  /// What the last bit of a logit's sum is worth.
  double logit_unit() const;

  /// Steps 10 to 13. \param random  the state of xorshift32, moved on already
  int draw(std::span<const std::int32_t, vocab_size> sums, std::uint32_t random) const;

  /// Those that the conversion chose.
  const FixedExponents& exponents() const { return exponent_; }

 protected:
  void prepare() override;
  void write(std::span<std::uint8_t> tokens) override;
  int choose(std::span<const float, vocab_size> logits, std::uint32_t& random) override;

 private:
  using Numbers = std::array<std::int16_t, n_embd>;

  void norm(Numbers& x, int exponent, int to_exponent) const;
  Numbers attend(const Numbers& query, int position) const;

  FixedFormat format_;
  FixedExponents exponent_;
  FixedMatrix<vocab_size, n_embd> wte_, lm_head_;
  FixedMatrix<block_size, n_embd> wpe_;
  FixedMatrix<n_embd, n_embd> wq_, wk_, wv_, wo_;
  FixedMatrix<n_hidden, n_embd> fc1_;
  FixedMatrix<n_embd, n_hidden> fc2_;
  std::array<Numbers, block_size> keys_{}, values_{};
  std::uint16_t inverse_temperature_ = 1 << 10;       // unsigned Q6.10
  std::array<std::int32_t, vocab_size> last_sums_{};  // that forward() made its logits of
};

/// A FixedPointEngine of 12 fraction bits, with exponents.
std::unique_ptr<Engine> make_q4_12(const MicroGpt& model);

}  // namespace ladder
