#pragma once
/// \file
/// Inputs of stage 2's tests.

#include "02_neural_bigram/neural_bigram.hpp"
#include "classroom/kit/check.hpp"

namespace ladder::classroom {

/// (size, size) normally distributed logits.
inline Matrix random_logits(Random& random, int size) {
  Matrix logits(size, size);
  for (double& logit : logits.reshaped()) logit = 1.5 * random.normal();
  return logits;
}

/// (size, size) counts, a third of them 0, some row empty; unequal row sums.
inline Matrix random_counts(Random& random, int size) {
  Matrix counts(size, size);
  for (double& count : counts.reshaped()) {
    count = random.below(3) == 0 ? 0 : static_cast<double>(random.below(30));
  }
  counts.row(static_cast<long>(random.below(static_cast<std::uint64_t>(size)))).setZero();
  counts(0, 1) += 1;
  return counts;
}

/// 3 … 10
inline int random_size(Random& random) { return 3 + static_cast<int>(random.below(8)); }

/// The student's train() on a slope that is the same everywhere.
inline Matrix student_logits(Check& check, const Matrix& counts, const Matrix& slope, double lr,
                             bool per_row, bool silver, long steps) {
  Reader result = call("train_on_a_slope", counts, slope, lr, per_row, silver, steps);
  const Matrix logits = result.matrix<Matrix>();
  check.that(result.integer() == steps, "training.steps is not the number of steps asked for");
  return logits;
}

}  // namespace ladder::classroom
