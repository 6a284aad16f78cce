#pragma once
/// \file
/// The bigram model by learning: a table of logits, and gradient descent on the NLL.

#include <functional>

#include "01_counting_bigram/count_model.hpp"

namespace ladder {

/// Logits to probabilities: P(j | i) = exp(logits(i,j)) / Σ_k exp(logits(i,k)).
/// Shape (rows, columns) as the logits; each row sums to 1, whatever the (finite) logits.
Matrix softmax_rows(const Matrix& logits);

/// Mean NLL of the counted pairs under softmax_rows(logits), in nats a character:
/// Σ counts(i,j) (ln Σ_k exp(logits(i,k)) - logits(i,j)) / Σ counts. The same number as
/// mean_nll(counts, softmax_rows(logits)), and finite even where a probability rounds to 0.
/// Both (vocab, vocab); at least one count is above 0 and the logits are finite.
double cross_entropy(const Matrix& logits, const Matrix& counts);

/// How the loss changes when a logit does: d cross_entropy / d logits(i,j) =
/// (row_sum(i) P(j | i) - counts(i,j)) / Σ counts.
/// This is the P - onehot(target) of one pair (Bridle, 1990), added up over all pairs: those with
/// the same previous letter i share the row P(· | i), and so need only be counted.
/// Shape (vocab, vocab); each row sums to 0.
Matrix cross_entropy_gradient(const Matrix& logits, const Matrix& counts);

/// How far a step of gradient descent goes.
struct Schedule {
  /// The learning rate. With per_row anything below 4 is safe for every corpus: the second
  /// derivative of a row's mean loss is at most 1/2 in any direction, and descent needs less than
  /// 2 / that.
  double lr = 3;

  /// Divide each row of the gradient by the row's share of all pairs, which makes it the mean over
  /// that row. Each row is a model of its own; so a rare letter learns as fast as a frequent one.
  bool per_row = true;

  /// Silver steps (Altschuler and Parrilo, 2023): every second step longer, every fourth longer
  /// still, … so that a few leaps, too long to be safe alone, are mended by the steps between.
  bool silver = false;

  /// The learning rate of step k = 1, 2, 3, …: lr, or with silver steps
  /// lr (1 + (1 + √2)^(z - 1)), where 2^z is the largest power of two that divides k.
  double at(long k) const;
};

/// The loss at some logits, and its gradient there.
struct LossAndGradient {
  double loss;      ///< nats a character
  Matrix gradient;  ///< d loss / d logits, (vocab, vocab)
};

/// What is to be made small. The next stage gives train() another one, whose gradient nobody
/// derived.
using Objective = std::function<LossAndGradient(const Matrix& logits)>;

/// cross_entropy() and cross_entropy_gradient() of these counts.
Objective objective_by_hand(const Matrix& counts);

/// What became of a training run.
struct Training {
  Matrix logits;          ///< (vocab, vocab)
  double loss = 0;        ///< at these logits
  long steps = 0;         ///< that were made
  bool diverged = false;  ///< the steps were too long: the loss bounced, rose or overflowed
};

/// Called before the first step and after each one; training ends when it returns false.
using OnStep = std::function<bool(long steps_done, double loss)>;

/// Gradient descent, from logits of zero: every letter equally likely.
/// \param counts  pairs to learn from, (vocab, vocab); they give each row's share (Schedule)
/// \param objective  objective_by_hand(counts), or another way to compute the same
Training train(const Matrix& counts, const Schedule& schedule, long steps,
               const Objective& objective, const OnStep& on_step = {});

}  // namespace ladder
