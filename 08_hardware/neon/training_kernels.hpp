#pragma once
/// \file
/// The inner loops of training, in NEON's instructions: what stage 9's backward pass by hand would
/// call on an ARM processor. All matrices are row-major and dense; any size will do, multiples of 4
/// are fastest.

#include <arm_neon.h>
#include <cstddef>
#include <span>
#include <vector>

namespace ladder::neon {

/// Sizes of a linear layer and of its batch.
struct LinearShape {
  std::size_t rows,  ///< examples: positions of a batch
      in,            ///< inputs
      out;           ///< outputs
};

/// y = x Wᵀ: each output is a dot product of a row of x and a row of W.
/// \param w  (out, in), as in the weights file
/// \param x  (rows, in)
/// \param y  (rows, out), overwritten
/// \throws std::invalid_argument if a size is wrong
void linear_forward(LinearShape shape, std::span<const float> w, std::span<const float> x,
                    std::span<float> y);

/// Wᵀ, for linear_backward(): made once a step, as the weights change once a step.
/// \param w  (out, in). \returns (in, out)
std::vector<float> transposed(LinearShape shape, std::span<const float> w);

/// dx = dy W, as dot products again: with the weights transposed, rows lie in memory as they are
/// read, and the backward pass is the forward pass of another matrix.
/// \param w_t  (in, out), of transposed()
/// \param dy   (rows, out). \param dx  (rows, in), overwritten
/// \throws std::invalid_argument if a size is wrong
void linear_backward(LinearShape shape, std::span<const float> w_t, std::span<const float> dy,
                     std::span<float> dx);

/// dW += dyᵀ x: a sum over examples of outer products. A tile of 4 × 16 gradients stays in
/// registers until all examples have been added to it; so each is read and written once, not once
/// an example. \param dy  (rows, out). \param x  (rows, in). \param dw  (out, in), added to \throws
/// std::invalid_argument if a size is wrong
void weight_gradient(LinearShape shape, std::span<const float> dy, std::span<const float> x,
                     std::span<float> dw);

/// The largest relative error of fast_exp(): that of its polynomial is 7.5e-5, the rest is
/// rounding.
inline constexpr double fast_exp_error = 9e-5;

/// e^x by a polynomial of degree 3, for softmax in training, whose gradients do not feel the fourth
/// digit. Below -87.3 it stays at 2^-126.
/// \param x  at most 88
[[gnu::always_inline]] inline float32x4_t fast_exp(float32x4_t x) {
  const float32x4_t y = vmaxq_f32(vmulq_n_f32(x, 1.44269504f), vdupq_n_f32(-126));
  // 2^n · 2^f, n the nearest whole number; the polynomial's relative error is as large as it gets
  // at five places between f = -1/2 and 1/2, so no other one has a smaller (Remez).
  const int32x4_t whole = vcvtnq_s32_f32(y);
  const float32x4_t f = vsubq_f32(y, vcvtq_f32_s32(whole));
  float32x4_t power = vfmaq_f32(vdupq_n_f32(0.242611122f), f, vdupq_n_f32(0.0551716691f));
  power = vfmaq_f32(vdupq_n_f32(0.693260985f), f, power);
  power = vfmaq_f32(vdupq_n_f32(0.999928074f), f, power);
  return vreinterpretq_f32_s32(vaddq_s32(vreinterpretq_s32_f32(power), vshlq_n_s32(whole, 23)));
}

}  // namespace ladder::neon
