#pragma once
/// \file
/// For tests: is a gradient the slope? Central differences tell, whatever the function.

#include <algorithm>
#include <cmath>
#include <vector>

#include "03_autograd/matrix_ops.hpp"
#include "common/largest.hpp"
#include "common/random.hpp"

namespace ladder {

/// A parameter of normally distributed numbers.
inline Parameter random_parameter(Random& random, Eigen::Index rows, Eigen::Index columns,
                                  double scale = 1) {
  Parameter parameter("random", rows, columns);
  for (double& number : parameter.value.reshaped()) number = scale * random.normal();
  return parameter;
}

/// Largest difference between the tape's gradient of 2 Σ weights ∘ make(tape), with random weights,
/// and (f(p + h) - f(p - h)) / 2h, over every number of every parameter; relative where above 1;
/// NaN if one of them is.
/// \param make  builds a matrix on the tape from tape.leaf() of these parameters. It is asked to do
/// so twice, and the two are added: so an operation is seen that sets a gradient instead of adding
/// to it.
template <class Make>
double largest_gradient_error(const std::vector<Parameter*>& parameters, const Make& make) {
  MatrixTape tape;
  Random random(99);
  Matrix weights;
  {
    const Var result = make(tape);
    weights = random_parameter(random, result.rows(), result.cols()).value;
  }
  const auto loss = [&] {
    tape.reset();
    return weighted_sum(add(make(tape), make(tape)), weights);
  };
  for (Parameter* parameter : parameters) parameter->grad.setZero();
  tape.backward(loss());

  double largest = 0;
  for (Parameter* parameter : parameters) {
    for (Eigen::Index i = 0; i < parameter->value.size(); ++i) {
      double& number = parameter->value.data()[i];
      const double at = number, h = 1e-5;
      number = at + h;
      const double above = loss().scalar();
      number = at - h;
      const double below = loss().scalar();
      number = at;
      const double slope = (above - below) / (2 * h);
      const double error = std::abs(parameter->grad.data()[i] - slope);
      largest = larger_or_nan(largest, error / std::max(1.0, std::abs(slope)));
    }
  }
  return largest;
}

}  // namespace ladder
