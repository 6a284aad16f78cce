#pragma once
/// \file
/// The model in fixed point, to the last bit: what a chip computes, and what one is tested against.
///
/// The room fixed_point/ may include model/ and judge/ (and what it needs of the engines' rooms
/// before it), and no room that comes after it; whoever builds the chip begins here.
///
/// Numbers, rounding, saturation, exp, reciprocal and reciprocal square root are those of
/// fixed_point.hpp; F is the format's number of fraction bits (12). Beside them each kind of number
/// has an exponent e, fixed when the weights are converted (fixed_model.hpp): n means n / 2^F ·
/// 2^e. Most are 0; a chip does nothing for them but shift by another constant.
///
/// One token, in this order; sums are exact, → is narrow() to the format of what stands on the
/// left. In brackets are the names that trace() gives them.
///
///  1. x[i] = wte[token][i] + wpe[position][i], saturated. [embedding]           (e.embedding)
///  2. x = norm(x) [x1], where norm is: m = (Σ x[i]² + 8) >> 4, plus ε = 1e-5 · 2^(2F - 2e),
///  rounded;
///     r = reciprocal_sqrt(m); each x[i] · r → .                                 (e.residual)
///     With a final norm this step is left out.
///  3. h = norm(x). [h1]                                                         (e.normed)
///  4. q, k, v ← Σ_j W[i][j] h[j] [q, k, v]; attn_wq holds half of its weights, and so √head_dim
///  has
///     been divided by. k does not reach -2^15, but stays at 1 - 2^15. k and v are kept for this
///     position.                                                   (e.query, e.key, e.value)
///  5. Each head, for every position t so far: s[t] = Σ q k[t] over its four dimensions, saturated
///     to 32 bits [s]; z[t] = max(s) - s[t] as unsigned Q4.12;  p[t] = exp_negative(z[t]) [p];
///     r = reciprocal(Σ p);  w[t] = p[t] · r, signed Q1.15 (at most 32767) [w];
///     a[i] ← Σ_t w[t] v[t][i] [a].                                              (e.value)
///  6. x[i] = x[i] + (← Σ_j attn_wo[i][j] a[j]), saturated. [x2]                 (e.residual)
///  7. h = norm(x) [h2];  u[i] = max(0, ← Σ_j mlp_fc1[i][j] h[j]) [u].           (e.hidden)
///  8. x[i] → (e.last), then + (← Σ_j mlp_fc2[i][j] u[j]), saturated. [x3]       (e.last)
///     With a final norm, x = norm(x) [x4].                                      (e.normed)
///  9. logit[i] = Σ_j lm_head[i][j] x[j], saturated to 32 bits, 2F of them fraction. [logit]
///
/// Drawing a token: 10. d[i] = max(logit) - logit[i] as unsigned Q5.11. 11. z[i] = d[i] · b,
/// unsigned Q4.12, where b = 1 / temperature in unsigned Q6.10. 12. p[i] = exp_negative(z[i]).
/// 13. With the contract's xorshift32 state x: the first token whose running sum of p exceeds
/// (x >> 8) · Σp >> 24. (That product of 24 and 20 bits is the widest number there is.)
/// At temperature 0: the first token with the largest logit, by the 32-bit sums of step 9.

#include <functional>
#include <string_view>

#include "07_fast_inference/fixed_point/fixed_model.hpp"
#include "07_fast_inference/fixed_point/fixed_point.hpp"
#include "07_fast_inference/model/engine.hpp"

namespace ladder {

/// Logits as sums of 32 bits.
using FixedSums = std::array<std::int32_t, vocab_size>;

/// What engines of this room share: the weights, and how logits that are 32-bit sums become floats,
/// names and tokens.
class FixedPointBase : public Engine {
 public:
  /// Takes a copy of the weights.
  explicit FixedPointBase(const FixedModel& model) : model_(model) {}

  void forward(std::span<const Place> places, std::span<float> logits) final;

  /// Steps 1 to 9. \returns (vocab_size), in units of logit_unit()
  virtual FixedSums sums(Place place) = 0;

  /// Steps 10 to 13. \param random  the state of xorshift32, moved on already
  virtual int draw(const FixedSums& sums, std::uint32_t random) const;

  /// The weights, exponents and shifts it runs with.
  const FixedModel& model() const { return model_; }

 protected:
  void prepare() override;
  void write(std::span<std::uint8_t> tokens) override;
  int choose(std::span<const float, vocab_size> logits, std::uint32_t& random) override;

  FixedModel model_;                             ///< weights, exponents, shifts
  std::uint32_t inverse_temperature_ = 1 << 10;  ///< unsigned Q6.10
  FixedSums last_sums_{};                        ///< that forward() made its logits of
};

/// One stream in fixed point, in the plainest loops: the definition, as a program.
class FixedPointEngine : public FixedPointBase {
 public:
  /// Largest |logit - reference| that Q4.12 is held to with the shipped weights.
  static constexpr double error_bound = 0.15;

  using FixedPointBase::FixedPointBase;

  /// Converts the weights as they are, without fitting them.
  explicit FixedPointEngine(const MicroGpt& model, FixedFormat format = {})
      : FixedPointBase(to_fixed_model(model, format)) {}

  FixedSums sums(Place place) override;

  /// Of each step: its name, as above, and its integers.
  using Trace = std::function<void(std::string_view name, std::span<const std::int64_t> numbers)>;

  /// Calls this at every step from now on.
  void trace(Trace trace) { trace_ = std::move(trace); }

 private:
  using Numbers = std::array<std::int16_t, n_embd>;

  void norm(Numbers& x, int exponent, int to_exponent) const;
  Numbers attend(const Numbers& query, int position) const;
  template <class Integers>
  void note(std::string_view name, const Integers& numbers) const;

  std::array<Numbers, block_size> keys_{}, values_{};
  Trace trace_;
};

/// The same in vectors, to the last bit. \returns null if shifts are so unusual that only the plain
/// loops do it, or 32 bits are not enough for its sums
std::unique_ptr<FixedPointBase> make_fixed_vectors(const FixedModel& model);

/// The definition's loops, on weights that fit_to_fixed_point() has prepared.
std::unique_ptr<Engine> make_q4_12_plain(const MicroGpt& model);

/// In vectors wherever that can be done.
std::unique_ptr<Engine> make_q4_12(const MicroGpt& model);

}  // namespace ladder
