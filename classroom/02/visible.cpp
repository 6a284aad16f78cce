// The tests of stage 2 that the student has.

#include "classroom/02/inputs.hpp"

namespace ladder::classroom {
namespace {

void rows_are_probabilities(Check& check) {
  const Matrix logits = random_logits(check.random(), random_size(check.random()));
  const Matrix p = call("softmax_rows", logits).matrix<Matrix>();
  check.that(p.rows() == logits.rows() && p.cols() == logits.cols(),
             "the probabilities have another shape than the logits");
  for (long i = 0; i < p.rows(); ++i) {
    check.near(p.row(i).sum(), 1, 1e-12, "the sum of row " + std::to_string(i));
    for (long j = 1; j < p.cols(); ++j) {
      check.that(p(i, j) > 0 && p(i, 0) > 0, "a probability is not above zero");
      check.near(std::log(p(i, j) / p(i, 0)), logits(i, j) - logits(i, 0), 1e-9,
                 "ln of the quotient of two probabilities in row " + std::to_string(i));
    }
  }
}

void large_logits(Check& check) {
  Matrix logits = random_logits(check.random(), 4);
  logits.row(1).array() += 1000;
  logits.row(2).array() -= 1000;
  const Matrix p = call("softmax_rows", logits).matrix<Matrix>();
  check.that(p.rows() == 4 && p.cols() == 4, "the probabilities have another shape");
  for (long i = 0; i < 4; ++i) {
    check.near(p.row(i).sum(), 1, 1e-9, "where all logits are large, the sum of a row");
  }
}

void equal_logits_cost_ln_v(Check& check) {
  const int size = random_size(check.random());
  const Matrix counts = random_counts(check.random(), size);
  const Matrix equal = Matrix::Constant(size, size, check.random().normal());
  check.near(call("cross_entropy", equal, counts).number(), std::log(size), 1e-12,
             "the loss where all logits are equal");
}

void shifts_change_nothing(Check& check) {
  const Matrix logits = random_logits(check.random(), 5), counts = random_counts(check.random(), 5);
  const double loss = call("cross_entropy", logits, counts).number();
  check.that(loss > 0, "the loss is not above zero");
  const Matrix shifted = logits.array() + 2.5;
  check.near(call("cross_entropy", shifted, counts).number(), loss, 1e-10,
             "the loss after a number was added to all logits");
}

void large_losses_are_finite(Check& check) {
  Matrix logits = random_logits(check.random(), 4);
  logits.col(0).array() += 2000;
  const Matrix ones = Matrix::Ones(4, 4);
  const double loss = call("cross_entropy", logits, ones).number();
  check.that(std::isfinite(loss) && loss > 1000, "the loss of very unlikely letters is wrong");
}

void rows_sum_to_zero(Check& check) {
  const int size = random_size(check.random());
  const Matrix gradient =
      call("gradient", random_logits(check.random(), size), random_counts(check.random(), size))
          .matrix<Matrix>();
  check.that(gradient.rows() == size && gradient.cols() == size, "the gradient has another shape");
  check.that(gradient.cwiseAbs().maxCoeff() > 1e-6, "the gradient is zero everywhere");
  for (long i = 0; i < size; ++i) {
    check.near(gradient.row(i).sum(), 0, 1e-12, "the sum of row " + std::to_string(i));
  }
}

// The loss, as a test may know it; small logits do not overflow.
double plain_loss(const Matrix& logits, const Matrix& counts) {
  double nats = 0;
  for (long i = 0; i < logits.rows(); ++i) {
    double total = 0;
    for (long j = 0; j < logits.cols(); ++j) total += std::exp(logits(i, j));
    for (long j = 0; j < logits.cols(); ++j)
      nats += counts(i, j) * (std::log(total) - logits(i, j));
  }
  return nats / counts.sum();
}

void the_gradient_is_the_slope(Check& check) {
  const int size = 4;
  Matrix logits = random_logits(check.random(), size);
  const Matrix counts = random_counts(check.random(), size);
  const Matrix gradient = call("gradient", logits, counts).matrix<Matrix>();
  check.that(gradient.rows() == size && gradient.cols() == size, "the gradient has another shape");
  for (long i = 0; i < size; ++i) {
    for (long j = 0; j < size; ++j) {
      const double at = logits(i, j), h = 1e-4;
      logits(i, j) = at + h;
      const double above = plain_loss(logits, counts);
      logits(i, j) = at - h;
      const double below = plain_loss(logits, counts);
      logits(i, j) = at;
      check.near(
          gradient(i, j), (above - below) / (2 * h), 1e-7,
          "the slope by the logit in row " + std::to_string(i) + ", column " + std::to_string(j));
    }
  }
}

void plain_steps(Check& check) {
  const Matrix counts = random_counts(check.random(), 4), slope = random_logits(check.random(), 4);
  const double lr = 0.5 + check.random().uniform();
  check.near_matrix(student_logits(check, counts, slope, lr, false, false, 3), -3 * lr * slope,
                    1e-12, "after three steps down the same slope, the logit");
}

void per_row_steps(Check& check) {
  Matrix counts = Matrix::Ones(4, 4);  // a quarter of all pairs in each row
  const Matrix slope = random_logits(check.random(), 4);
  check.near_matrix(student_logits(check, counts, slope, 0.5, true, false, 1), -0.5 * 4 * slope,
                    1e-12, "after a step per row, each with a quarter of the pairs, the logit");
}

}  // namespace

void add_visible_tests(Tests& tests) {
  tests.core("softmax", "each row sums to 1, and differences of logits are quotients of P",
             rows_are_probabilities);
  tests.edge(5, "softmax", "logits of a thousand do not overflow", large_logits);
  tests.core("cross_entropy", "equal logits cost ln(vocab_size)", equal_logits_cost_ln_v);
  tests.core("cross_entropy", "a number added to all logits changes nothing",
             shifts_change_nothing);
  tests.edge(5, "cross_entropy", "the loss is finite where a probability rounds to 0",
             large_losses_are_finite);
  tests.core("gradient", "each row of the gradient sums to zero", rows_sum_to_zero);
  tests.core("gradient", "the gradient is the slope that two nearby losses show",
             the_gradient_is_the_slope);
  tests.core("step", "steps go down the slope, as far as the learning rate says", plain_steps);
  tests.core("step", "per row, the gradient is divided by the row's share of all pairs",
             per_row_steps);
}

}  // namespace ladder::classroom
