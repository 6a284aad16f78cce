#pragma once
/// \file
/// Each layer beside its gradient, one row at a time, as the formulas stand in the comments. A
/// function called …_backward is given the gradient of its layer's result, and adds to those of the
/// layer's inputs.

#include <cmath>
#include <cstddef>

namespace ladder {

/// y = W x.
/// \param w  (out, in) \param x  (in) \param y  (out)
template <class Number>
void plain_linear(const Number* w, const Number* x, Number* y, std::size_t out, std::size_t in) {
  for (std::size_t o = 0; o < out; ++o) {
    Number sum = 0;
    for (std::size_t i = 0; i < in; ++i) sum += w[o * in + i] * x[i];
    y[o] = sum;
  }
}

/// dW += dy xᵀ,  dx += Wᵀ dy: each weight is blamed by what it multiplied, each input by the
/// weights it went through.
template <class Number>
void plain_linear_backward(const Number* w, const Number* x, const Number* dy, Number* dw,
                           Number* dx, std::size_t out, std::size_t in) {
  for (std::size_t o = 0; o < out; ++o) {
    for (std::size_t i = 0; i < in; ++i) {
      dw[o * in + i] += dy[o] * x[i];
      dx[i] += w[o * in + i] * dy[o];
    }
  }
}

/// s = 1 / √(mean(x²) + 1e-5), by which RMSNorm scales a row.
template <class Number>
Number plain_rms_scale(const Number* x, std::size_t n) {
  Number squares = 0;
  for (std::size_t i = 0; i < n; ++i) squares += x[i] * x[i];
  const Number mean = squares / static_cast<Number>(n) + static_cast<Number>(1e-5);
  return std::sqrt(mean) / mean;  // 1 / √mean; but NaN, not 0, where the squares overflow
}

/// y = s x ∘ gain (Zhang and Sennrich, 2019).
/// \param gain  (n), or nullptr for none
template <class Number>
void plain_rmsnorm(const Number* x, const Number* gain, Number* y, std::size_t n) {
  const Number s = plain_rms_scale(x, n);
  for (std::size_t i = 0; i < n; ++i) y[i] = s * x[i] * (gain ? gain[i] : 1);
}

/// With x̂ = s x and g = dy ∘ gain:  dgain += dy ∘ x̂,  dx += s (g - x̂ mean(g ∘ x̂)). The second
/// term is s's own share: whatever makes the row longer makes s smaller.
template <class Number>
void plain_rmsnorm_backward(const Number* x, const Number* gain, const Number* dy, Number* dgain,
                            Number* dx, std::size_t n) {
  const Number s = plain_rms_scale(x, n);
  Number mean = 0;
  for (std::size_t i = 0; i < n; ++i) mean += dy[i] * (gain ? gain[i] : 1) * s * x[i];
  mean /= static_cast<Number>(n);
  for (std::size_t i = 0; i < n; ++i) {
    if (gain) dgain[i] += dy[i] * s * x[i];
    dx[i] += s * (dy[i] * (gain ? gain[i] : 1) - s * x[i] * mean);
  }
}

/// p = softmax(x): exp(x_i) / Σ exp(x_j), the largest x taken off first so that none overflows.
template <class Number>
void plain_softmax(const Number* x, Number* p, std::size_t n) {
  Number largest = x[0], sum = 0;
  for (std::size_t i = 1; i < n; ++i) largest = x[i] > largest ? x[i] : largest;
  for (std::size_t i = 0; i < n; ++i) sum += p[i] = std::exp(x[i] - largest);
  for (std::size_t i = 0; i < n; ++i) p[i] /= sum;
}

/// dx = p ∘ (dp - Σ p ∘ dp), in place of dp.
template <class Number>
void plain_softmax_backward(const Number* p, Number* dp, std::size_t n) {
  Number dot = 0;
  for (std::size_t i = 0; i < n; ++i) dot += p[i] * dp[i];
  for (std::size_t i = 0; i < n; ++i) dp[i] = p[i] * (dp[i] - dot);
}

}  // namespace ladder
