#include "04_mlp/training.hpp"

#include <cmath>
#include <cstdlib>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "01_counting_bigram/count_model.hpp"
#include "common/error.hpp"
#include "common/program.hpp"
#include "common/progress.hpp"
#include "common/terminal.hpp"
#include "common/timing.hpp"

namespace ladder {

void sgd(std::span<Parameter* const> parameters, double lr) {
  for (Parameter* parameter : parameters) parameter->value -= lr * parameter->grad;
}

TrainingRun train_batches(const std::vector<Tokens>& examples, const TrainingPlan& plan,
                          const std::vector<Parameter*>& parameters, const BatchLoss& loss,
                          const Update& update, const std::string& label) {
  constexpr long curve_points = 40;
  TrainingRun run;
  Batches batches(examples, plan.batch_size, plan.seed);
  MatrixTape tape;
  Progress progress(label, plan.steps, label.empty());
  const Stopwatch watch;
  double sum = 0;
  long summed = 0;

  while (run.steps < plan.steps && !interrupted()) {
    // 1. forward
    tape.reset();
    const Var mean_loss = loss(tape, batches.next());
    // 2. backward
    for (Parameter* parameter : parameters) parameter->grad.setZero();
    tape.backward(mean_loss);
    // 3. update
    const double left = 1 - static_cast<double>(run.steps) / static_cast<double>(plan.steps);
    update(parameters, plan.lr * left);
    ++run.steps;

    sum += mean_loss.scalar();
    ++summed;
    if (!std::isfinite(sum)) {
      throw Error(
          fmt::format("training diverged at step {}: the loss is no longer a number; try a "
                      "smaller --lr than {}",
                      run.steps, plan.lr));
    }
    const double smoothed = sum / static_cast<double>(summed);
    progress.update(run.steps, smoothed);
    if (run.steps * curve_points / plan.steps > std::ssize(run.losses)) {
      run.losses.push_back(smoothed);
      sum = 0, summed = 0;
    }
  }
  run.seconds = watch.seconds();
  return run;
}

void add_plan_options(CLI::App& app, TrainingPlan& plan) {
  app.add_option("--batch", plan.batch_size, "examples (or names) in a batch")
      ->check(CLI::Range(1, 65536));
  app.add_option("--lr", plan.lr, "learning rate of the first step; it falls to 0 at the last")
      ->check([](const std::string& text) {
        const double lr = std::strtod(text.c_str(), nullptr);
        return lr > 0 && std::isfinite(lr) ? "" : "it must be a finite number above 0";
      });
}

void fill_normal(Parameter& parameter, double std, Random& random) {
  for (double& number : parameter.value.reshaped<Eigen::RowMajor>()) number = std * random.normal();
}

double mean_nll(const std::vector<Tokens>& examples, std::size_t batch_size,
                const std::function<BatchNll(Batch)>& batch_nll) {
  std::vector<const Tokens*> all;
  for (const Tokens& example : examples) all.push_back(&example);
  double nats = 0;
  std::size_t predictions = 0;
  for (std::size_t start = 0; start < all.size(); start += batch_size) {
    const std::size_t count = std::min(batch_size, all.size() - start);
    const BatchNll batch = batch_nll(Batch(all).subspan(start, count));
    nats += batch.mean * static_cast<double>(batch.predictions);
    predictions += batch.predictions;
  }
  return nats / static_cast<double>(predictions);
}

void print_count_model(const Dataset& dataset, int vocab_size) {
  const auto& examined = dataset.held_out.empty() ? dataset.train : dataset.held_out;
  fmt::print("\nfor comparison, rung 01, which counts pairs: NLL {:.4f}\n",
             add_one_nll(dataset.train, examined, vocab_size));
}

std::string describe_losses(const std::vector<double>& losses) {
  if (losses.empty()) return "";
  return fmt::format("{:.3f} {} {:.3f}", losses.front(), sparkline(losses), losses.back());
}

}  // namespace ladder
