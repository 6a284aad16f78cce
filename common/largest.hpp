#pragma once
/// \file
/// Largest errors that do not lose a NaN. std::max(largest, error) does: nothing is less than a
/// NaN, so it keeps what it had, and a test of "largest error below 1e-9" passes on a model of
/// NaNs.

#include <cmath>
#include <cstddef>
#include <span>

namespace ladder {

/// The larger of two errors; NaN if either is.
inline double larger_or_nan(double a, double b) { return std::isnan(a) || a > b ? a : b; }

/// Largest |a[i] - b[i]|; infinity if one is longer than the other, NaN if a difference is.
inline double largest_difference(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size()) return HUGE_VAL;
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = larger_or_nan(largest, std::abs(a[i] - b[i]));
  }
  return largest;
}

/// Largest |a(i, j) - b(i, j)| of two matrices (of Eigen, which common/ does without); infinity if
/// their shapes differ, NaN if a difference is.
template <class A, class B>
requires requires(const A& a) { a.rows(); }
double largest_difference(const A& a, const B& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) return HUGE_VAL;
  double largest = 0;
  for (auto i = a.rows(); i-- > 0;) {
    for (auto j = a.cols(); j-- > 0;) {
      largest = larger_or_nan(largest, std::abs(a(i, j) - b(i, j)));
    }
  }
  return largest;
}

}  // namespace ladder
