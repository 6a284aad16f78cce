#include "common/divergence.hpp"

#include <cmath>

#include <fmt/format.h>

#include "common/numbers.hpp"

namespace ladder {
namespace {

constexpr double worthless = 3;  // times what a model has that knows nothing

}  // namespace

Error divergence_error(long step, double first_loss, double loss, double lr) {
  return Error(
      fmt::format("training diverged at step {}: the loss was {} at first and is {} now; try a "
                  "smaller --lr than {:g}",
                  step, loss_text(first_loss), loss_text(loss), lr));
}

void check_trained(double nll, int vocab_size, long steps, double lr) {
  const double blind = std::log(vocab_size);
  if (!(nll <= worthless * blind)) throw divergence_error(steps, blind, nll, lr);
}

}  // namespace ladder
