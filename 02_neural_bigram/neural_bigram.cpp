#include "02_neural_bigram/neural_bigram.hpp"

#include <bit>
#include <cmath>
#include <cstdint>

#include "common/divergence.hpp"

namespace ladder {
namespace {

/// Notices when the steps are too long, sooner than DivergenceWatch can: the loss is that of all
/// pairs, not of a batch, so a step that is short enough never raises it. One that is too long
/// lands on the opposite slope, higher up, and the loss bounces for ever. (Of silver steps, one in
/// four may raise it.)
class BounceWatch {
 public:
  explicit BounceWatch(double first_loss) : first_(first_loss), previous_(first_loss) {
    explosion_.diverged(first_loss);
  }

  bool diverged(double loss) {
    constexpr double rounding = 1e-9;
    constexpr int window = 30;
    if (loss > previous_ + rounding) ++rises_;
    previous_ = loss;
    const bool bounced = 3 * rises_ > window;
    if (++steps_ % window == 0) rises_ = 0;
    return bounced || loss > first_ + rounding || explosion_.diverged(loss);
  }

 private:
  DivergenceWatch explosion_;
  double first_, previous_;
  int rises_ = 0;
  long steps_ = 0;
};

/// (vocab, 1): the share of pairs in each row; 1 for a row without any, whose gradient is 0 anyway.
Eigen::VectorXd row_shares(const Matrix& counts) {
  const Eigen::VectorXd shares = counts.rowwise().sum() / counts.sum();
  return (shares.array() > 0).select(shares, 1.0);
}

}  // namespace

Matrix softmax_rows(const Matrix& logits) {
  // BEGIN SOLUTION 02.softmax
  // Taking the largest logit off its row cancels in the quotient, and exp cannot overflow.
  Matrix probabilities = (logits.colwise() - logits.rowwise().maxCoeff()).array().exp();
  probabilities.array().colwise() /= probabilities.rowwise().sum().array().eval();
  return probabilities;
  // END SOLUTION
}

double cross_entropy(const Matrix& logits, const Matrix& counts) {
  // BEGIN SOLUTION 02.cross_entropy
  const Eigen::VectorXd largest = logits.rowwise().maxCoeff();
  const Matrix shifted = logits.colwise() - largest;  // (vocab, vocab), at most 0
  const Eigen::VectorXd log_total = shifted.array().exp().rowwise().sum().log();
  const double nats =
      counts.rowwise().sum().dot(log_total) - (counts.array() * shifted.array()).sum();
  return nats / counts.sum();
  // END SOLUTION
}

Matrix cross_entropy_gradient(const Matrix& logits, const Matrix& counts) {
  // BEGIN SOLUTION 02.gradient
  const Eigen::VectorXd row_sums = counts.rowwise().sum();
  const Matrix expected = row_sums.asDiagonal() * softmax_rows(logits);  // counts it would expect
  return (expected - counts) / counts.sum();
  // END SOLUTION
}

double Schedule::at(long k) const {
  if (!silver) return lr;
  const int zeros = std::countr_zero(static_cast<std::uint64_t>(k));
  return lr * (1 + std::pow(1 + std::sqrt(2.0), zeros - 1));
}

Objective objective_by_hand(const Matrix& counts) {
  return [counts](const Matrix& logits) {
    return LossAndGradient{cross_entropy(logits, counts), cross_entropy_gradient(logits, counts)};
  };
}

Training train(const Matrix& counts, const Schedule& schedule, long steps,
               const Objective& objective, const OnStep& on_step) {
  const Eigen::VectorXd shares = row_shares(counts);
  Training training{.logits = Matrix::Zero(counts.rows(), counts.cols())};
  LossAndGradient now = objective(training.logits);
  BounceWatch watch(now.loss);
  bool go_on = !on_step || on_step(0, now.loss);
  while (go_on && training.steps < steps) {
    // BEGIN SOLUTION 02.step
    if (schedule.per_row) now.gradient.array().colwise() /= shares.array();
    training.logits -= schedule.at(++training.steps) * now.gradient;  // the whole of learning
    // END SOLUTION
    now = objective(training.logits);
    training.diverged = watch.diverged(now.loss);
    go_on = (!on_step || on_step(training.steps, now.loss)) && !training.diverged;
  }
  training.loss = now.loss;
  return training;
}

}  // namespace ladder
