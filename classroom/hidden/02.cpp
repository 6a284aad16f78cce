// The tests of stage 2 that the grader alone has.

#include "classroom/02/inputs.hpp"

namespace ladder::classroom {
namespace {

void other_shapes(Check& check) {
  Matrix logits(3, 7);
  for (double& logit : logits.reshaped()) logit = 300 * check.random().normal();
  check.near_matrix(call("softmax_rows", logits).matrix<Matrix>(), softmax_rows(logits), 1e-12,
                    "a probability");
}

void losses(Check& check) {
  for (int round = 0; round < 5; ++round) {
    const int size = random_size(check.random());
    const Matrix logits = random_logits(check.random(), size);
    const Matrix counts = random_counts(check.random(), size);
    check.near(call("cross_entropy", logits, counts).number(), cross_entropy(logits, counts), 1e-12,
               "the loss");
  }
}

// The loss that is reached when the student's gradient leads, and the judge makes the steps.
void trained_afresh(Check& check) {
  const Matrix counts = random_counts(check.random(), 12);
  const Matrix by_count = probabilities_from_counts(counts, 0);
  const Training by_student =
      train(counts, {.lr = 2, .per_row = true, .silver = true}, 255, [&](const Matrix& logits) {
        return LossAndGradient{cross_entropy(logits, counts),
                               call("gradient", logits, counts).matrix<Matrix>()};
      });
  check.near(by_student.loss, mean_nll(counts, by_count), 0.01,
             "the loss after training with your gradient");
  const Matrix logits = random_logits(check.random(), 12);
  check.near_matrix(call("gradient", logits, counts).matrix<Matrix>(),
                    cross_entropy_gradient(logits, counts), 1e-12, "the gradient");
}

void other_schedules(Check& check) {
  const Matrix counts = random_counts(check.random(), 5), slope = random_logits(check.random(), 5);
  const double lr = check.random().uniform() + 0.1;
  for (const bool per_row : {false, true}) {
    const Schedule schedule{.lr = lr, .per_row = per_row, .silver = true};
    // Four, because the fourth step is longer than the others: who is a step behind, misses it.
    const Matrix wanted = train(counts, schedule, 4, [&](const Matrix&) {
                            return LossAndGradient{1.0, slope};
                          }).logits;
    check.near_matrix(student_logits(check, counts, slope, lr, per_row, true, 4), wanted, 1e-11,
                      "after four silver steps, the logit");
  }
}

}  // namespace

void add_hidden_tests(Tests& tests) {
  tests.core("softmax", "other shapes and larger logits", other_shapes);
  tests.core("cross_entropy", "the loss of other counts", losses);
  tests.core("gradient", "training with it ends where counting ends", trained_afresh);
  tests.core("step", "other schedules", other_schedules);
}

}  // namespace ladder::classroom
