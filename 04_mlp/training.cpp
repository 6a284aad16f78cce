#include "04_mlp/training.hpp"

#include <memory>

#include <fmt/format.h>

#include "01_counting_bigram/count_model.hpp"
#include "common/divergence.hpp"
#include "common/program.hpp"
#include "common/progress.hpp"
#include "common/terminal.hpp"
#include "common/timing.hpp"

namespace ladder {

void sgd(std::span<Parameter* const> parameters, double lr) {
  for (Parameter* parameter : parameters) parameter->value -= lr * parameter->grad;
}

Step tape_step(std::vector<Parameter*> parameters, BatchLoss loss, Update update) {
  return [=, tape = std::make_shared<MatrixTape>()](Batch batch, double lr) {
    // 1. forward
    tape->reset();
    const Var mean_loss = loss(*tape, batch);
    // 2. backward
    for (Parameter* parameter : parameters) parameter->grad.setZero();
    tape->backward(mean_loss);
    // 3. update
    update(parameters, lr);
    return mean_loss.scalar();
  };
}

TrainingRun train_batches(const std::vector<Tokens>& examples, const TrainingPlan& plan,
                          const Step& step, const std::string& label) {
  constexpr long curve_points = 40;
  TrainingRun run;
  Batches batches(examples, plan.batch_size, plan.seed);
  Progress progress(label, plan.steps, label.empty());
  DivergenceWatch watch;
  const Stopwatch stopwatch;
  double sum = 0;
  long summed = 0;

  while (run.steps < plan.steps && !interrupted()) {
    const double left = 1 - static_cast<double>(run.steps) / static_cast<double>(plan.steps);
    const double loss = step(batches.next(), plan.lr * left);
    ++run.steps;
    if (watch.diverged(loss)) throw divergence_error(run.steps, watch.first(), loss, plan.lr);

    sum += loss;
    ++summed;
    const double smoothed = sum / static_cast<double>(summed);
    progress.update(run.steps, smoothed);
    if (run.steps * curve_points / plan.steps > std::ssize(run.losses)) {
      run.losses.push_back(smoothed);
      sum = 0, summed = 0;
    }
  }
  run.seconds = stopwatch.seconds();
  return run;
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
  fmt::print("\nfor comparison, stage 01, which counts pairs: NLL {:.4f}\n",
             add_one_nll(dataset.train, examined, vocab_size));
}

std::string describe_losses(const std::vector<double>& losses) {
  if (losses.empty()) return "";
  return fmt::format("{:.3f} {} {:.3f}", losses.front(), sparkline(losses), losses.back());
}

}  // namespace ladder
