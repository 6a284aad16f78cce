#include "06_gpt_adam/straight_through.hpp"

#include <memory>

#include "common/error.hpp"

namespace ladder {
namespace {

// Turns the gradient of rounded rows into that of the exact ones. A code moves with its number, so
// the gradient goes straight through. The scale moves with the row's largest number and takes the
// row with it: with s the scale, d(code · s)/ds = code - number / s.
void pass_through(const Matrix& rounded, const Matrix& exact, Matrix& grad) {
  for (Eigen::Index i = 0; i < exact.rows(); ++i) {
    Eigen::Index largest;
    if (exact.row(i).cwiseAbs().maxCoeff(&largest) == 0) continue;
    grad(i, largest) += grad.row(i).dot(rounded.row(i) - exact.row(i)) / exact(i, largest);
  }
}

}  // namespace

int levels_of(const std::string& bits) {
  if (bits == "1.58") return 3;
  if (bits.size() == 1 && bits[0] >= '2' && bits[0] <= '8') return 1 << (bits[0] - '0');
  throw UsageError("--bits takes 2 to 8, or 1.58 (three values: -1, 0, 1), and not '" + bits + "'");
}

void round_rows(Matrix& matrix, int levels) {
  const int steps_down = levels / 2, steps_up = (levels - 1) / 2;
  const double lowest = -steps_down, highest = steps_up;
  for (auto row : matrix.rowwise()) {
    Eigen::Index largest;
    if (row.cwiseAbs().maxCoeff(&largest) == 0) continue;
    const double scale = levels == 3 ? row.cwiseAbs().mean() : row(largest) / lowest;
    row = scale * (row / scale).array().round().max(lowest).min(highest).matrix();
  }
}

void round_matrices(const std::vector<Parameter*>& parameters, int levels) {
  for (Parameter* parameter : parameters) {
    if (parameter->value.rows() > 1) round_rows(parameter->value, levels);
  }
}

Step straight_through_step(std::vector<Parameter*> parameters, int levels, BatchLoss loss,
                           Update update) {
  const auto exact = std::make_shared<std::vector<Matrix>>(parameters.size());
  const auto rounded_loss = [=](MatrixTape& tape, Batch batch) {
    for (std::size_t i = 0; i < parameters.size(); ++i) (*exact)[i] = parameters[i]->value;
    round_matrices(parameters, levels);
    return loss(tape, batch);
  };
  const auto exact_update = [=](std::span<Parameter* const> all, double lr) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i]->value.swap((*exact)[i]);
      if (levels > 3) pass_through((*exact)[i], all[i]->value, all[i]->grad);
    }
    update(all, lr);
  };
  return tape_step(parameters, rounded_loss, exact_update);
}

}  // namespace ladder
