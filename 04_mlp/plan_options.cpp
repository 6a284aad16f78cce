// Apart from training.cpp, which a page in a browser learns with: there are no command lines there.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "04_mlp/training.hpp"
#include "common/numbers.hpp"

namespace ladder {

void add_plan_options(CLI::App& app, TrainingPlan& plan) {
  add_whole_number(app, "--batch", plan.batch_size, 1, 65536, "examples (or names) in a batch");
  add_learning_rate(
      app, [&plan](double lr) { plan.lr = lr; },
      "learning rate of the first step; it falls to 0 at the last")
      ->default_str(fmt::format("{:g}", plan.lr));
}

}  // namespace ladder
