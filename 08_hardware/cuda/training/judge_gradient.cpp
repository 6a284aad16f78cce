#include "08_hardware/cuda/training/judge_gradient.hpp"

#include <algorithm>
#include <cmath>

#include "common/largest.hpp"

namespace ladder::gpu {

TapeGradient gradient_by_tape(Gpt& gpt, Batch names) {
  for (Parameter* parameter : gpt.parameters()) parameter->grad.setZero();
  MatrixTape tape;
  const Var loss = gpt.loss(tape, names);
  tape.backward(loss);
  return {loss.scalar(), gradient_of(gpt)};
}

double largest_relative(Gpt& gpt, const ModelNumbers& mine, const ModelNumbers& expected) {
  if (mine.size() != expected.size()) return HUGE_VAL;
  const auto size_of = [](float number) { return std::abs(static_cast<double>(number)); };
  double all = 0, largest = 0;
  for (const float number : expected) all = std::max(all, size_of(number));
  std::size_t at = 0;
  for (const Parameter* parameter : gpt.parameters()) {
    double size = 0, error = 0;
    for (const std::size_t end = at + static_cast<std::size_t>(parameter->value.size()); at < end;
         ++at) {
      size = std::max(size, size_of(expected[at]));
      error = larger_or_nan(error, size_of(mine[at] - expected[at]));
    }
    largest = larger_or_nan(largest, error / (size < 1e-6 * all ? all : size));
  }
  return largest;
}

double largest_gradient_error(StepTrainer& trainer, Gpt& gpt, Batch names) {
  const TapeGradient expected = gradient_by_tape(gpt, names);
  const double loss = trainer.step(names, 0.01);
  return larger_or_nan(std::abs(loss - expected.loss),
                       largest_relative(gpt, trainer.gradient(), expected.numbers));
}

}  // namespace ladder::gpu
