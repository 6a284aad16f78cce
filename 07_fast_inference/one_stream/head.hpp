#pragma once
/// \file
/// The last two steps of a token, logits and the draw, in vectors: used by engines of one stream.

#include "07_fast_inference/one_stream/columns.hpp"

namespace ladder {
inline namespace LADDER_WIDTH {

/// Tokens stand in the lanes of the logits so that prefix sums are cheap: token `t` in vector
/// t % 4 of four (on AVX2), lane t / 4. Five of the 32 places are empty.
struct Logits32 {
  static constexpr int parts = 32 / lanes;  ///< vectors
  Lanes part[parts];                        ///< slot i is lane i % lanes of part i / lanes

  /// Into the order of the tokens, (vocab_size).
  void copy_to(std::span<float> logits) const;
};
/// The token in place `slot` of the 32; 27 and above are empty.
constexpr int token_in(int slot) { return slot % lanes * Logits32::parts + slot / lanes; }

inline void Logits32::copy_to(std::span<float> logits) const {
  for (int slot = 0; slot < 32; ++slot) {
    const int token = token_in(slot);
    if (token < vocab_size)
      logits[static_cast<std::size_t>(token)] = part[slot / lanes][slot % lanes];
  }
}

/// lm_head, its logits times a factor: log2(e) / temperature makes powers of 2 of them.
struct Head {
  Diagonals weight[2];          ///< slots 0–15 and 16–31
  alignas(64) float empty[32];  ///< what the empty places start from
  float safe_squares;           ///< as model.hpp says

  /// Makes all of it from the model. \param factor  1 for the logits themselves
  void scale(const MicroGpt& model, float factor) {
    safe_squares = ladder::safe_squares(model, factor);
    for (int b = 0; b < 2; ++b) {
      weight[b] = make_diagonals([&](int i, int j) {
        const int token = token_in(16 * b + i);
        return token < vocab_size ? model.lm_head[token][j] * factor : 0.0f;
      });
    }
    // 2^-126 is as good as never.
    for (int slot = 0; slot < 32; ++slot) empty[slot] = token_in(slot) < vocab_size ? 0 : -126;
  }

  /// The logits, times the factor, of x as lm_head reads it.
  [[gnu::always_inline]] Logits32 multiply(const Sixteen& x) const {
    Sums<2, 2> sums;
    sums.part[0][0] = Sixteen::load(empty);
    sums.part[1][0] = Sixteen::load(empty + 16);
    sums.multiply(weight, x);
    Logits32 logits;
    for (int i = 0; i < Logits32::parts; ++i) {
      logits.part[i] = sums.total(i / Sixteen::parts).part[i % Sixteen::parts];
    }
    return logits;
  }

  /// multiply(x), less the largest of them if they could overflow. Nearly always they cannot, the
  /// processor guesses so, and nothing has to wait for the answer.
  [[gnu::always_inline]] Logits32 multiply_safely(const Sixteen& x) const {
    Logits32 logits = multiply(x);
    if (!(dot(x, x)[0] < safe_squares)) [[unlikely]]
      subtract_largest(logits);
    return logits;
  }

 private:
  void subtract_largest(Logits32& logits) const {
    // Out of the way with the empty places: a token may be below their -126.
    for (int i = 0; i < Logits32::parts; ++i) logits.part[i] += load(empty + i * lanes) * 1e30f;
    Lanes largest = logits.part[0];
    for (int i = 1; i < Logits32::parts; ++i) largest = max(largest, logits.part[i]);
    largest = max(largest, xor_lanes<1>(largest));
    largest = max(largest, xor_lanes<2>(largest));
    if constexpr (lanes > 4) largest = max(largest, xor_lanes<4>(largest));
    if constexpr (lanes > 8) largest = max(largest, xor_lanes<8 % lanes>(largest));
    for (Lanes& part : logits.part) part = max(part - largest, splat(-126));
  }
};

/// Draws from 2^logit: the number of tokens whose running sum does not exceed u times the total.
/// May be 27 or more, where rounding meets u close to 1: that is BOS too.
[[gnu::always_inline]] inline int draw(const Logits32& logits, float u) {
  // Running sums within a lane …
  Lanes sum[Logits32::parts];
  for (int i = 0; i < Logits32::parts; ++i) sum[i] = exp2(logits.part[i]);
  for (int w = 1; w < Logits32::parts; w *= 2) {
    for (int i = Logits32::parts - 1; i >= w; --i) sum[i] += sum[i - w];
  }
  // … and over the lanes before it. After the step for w, `total` is the sum over blocks of 2w
  // lanes, and `before` what the lanes to the left within that block hold.
  Lanes total = sum[Logits32::parts - 1], before = {};
  IntLanes lane;
  for (int i = 0; i < lanes; ++i) lane[i] = i;
  const auto step = [&](auto w) __attribute__((always_inline)) {
    const Lanes other = xor_lanes<w>(total);
    before += from_bits(bits(other) & ((lane & int{w}) != 0));
    total += other;
  };
  step(std::integral_constant<int, 1>());
  step(std::integral_constant<int, 2>());
  if constexpr (lanes > 4) step(std::integral_constant<int, 4>());
  if constexpr (lanes > 8) step(std::integral_constant<int, 8 % lanes>());

  const Lanes threshold = u * total - before;
  int token = 0;
  for (int i = 0; i < Logits32::parts; ++i) token += count_less_equal(sum[i], threshold);
  return token;
}

}  // namespace LADDER_WIDTH
}  // namespace ladder
