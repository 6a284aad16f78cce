#pragma once
/// \file
/// Adam: every parameter gets a step size of its own (Kingma and Ba, 2015).

#include <span>
#include <vector>

#include "03_autograd/matrix_tape.hpp"
#include "06_gpt_adam/adam_options.hpp"

namespace ladder {

/// With g the gradient at step t = 1, 2, …:
///
///     m = beta1 m + (1 - beta1) g        running mean of the gradient
///     v = beta2 v + (1 - beta2) g²       running mean of its square
///     parameter -= lr · m̂ / (√v̂ + epsilon)
///
/// m̂ = m / (1 - beta1ᵗ) and v̂ = v / (1 - beta2ᵗ) make up for m and v having started at 0. A
/// parameter whose gradient keeps its sign moves by lr a step, however small the gradient is; one
/// whose gradient changes its sign all the time hardly moves.
class Adam {
 public:
  /// Moments are made, as zeros, at the first update().
  explicit Adam(const AdamOptions& options) : options_(options) {}

  /// One step. The parameters must be the same, in the same order, at every call.
  void update(std::span<Parameter* const> parameters, double lr);

 private:
  struct Moments {
    Eigen::ArrayXXd m, v;
  };

  AdamOptions options_;
  std::vector<Moments> moments_;  // one for each parameter
  long step_ = 0;
};

}  // namespace ladder
