#include "09_fast_training/study/batch_study.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "09_fast_training/study/names.hpp"
#include "common/machine.hpp"
#include "common/numbers.hpp"
#include "common/program.hpp"
#include "common/progress.hpp"
#include "common/results.hpp"
#include "common/terminal.hpp"
#include "common/timing.hpp"

namespace ladder {

double study_learning_rate(std::size_t batch) {
  return std::min(0.001 * std::sqrt(static_cast<double>(batch)), 0.01);
}

std::vector<BatchRow> batch_study(const GptParameters& first, const Dataset& dataset,
                                  const std::vector<std::size_t>& batches, long names_each,
                                  std::uint64_t seed, bool quiet) {
  std::vector<BatchRow> rows;
  Progress progress("batch study", names_each * std::ssize(batches), quiet);
  long names_done = 0;
  for (const std::size_t batch : batches) {
    const auto trainer = make_fast_trainer<float>(first, {.adam = true, .options = gpt_adam});
    const auto names = static_cast<long>(batch);
    const TrainingPlan plan = {.steps = (names_each + names - 1) / names,
                               .batch_size = batch,
                               .lr = study_learning_rate(batch),
                               .seed = seed};
    const double start = thread_cpu_seconds();
    const TrainingRun run = train_batches(
        dataset.train, plan,
        [&](Batch step_names, double lr) {
          const double loss = trainer->step(step_names, lr);
          progress.update(names_done += names, loss);
          return loss;
        },
        "");
    const double seconds = thread_cpu_seconds() - start;
    if (run.steps < plan.steps) break;  // interrupted: its NLL would say nothing
    rows.push_back({.batch = batch,
                    .steps = run.steps,
                    .lr = plan.lr,
                    .us_per_name = 1e6 * seconds / static_cast<double>(run.steps * names),
                    .train_nll = trainer->nll(dataset.train),
                    .held_out_nll = trainer->nll(dataset.held_out)});
  }
  return rows;
}

void print_batch_study(const std::vector<BatchRow>& rows) {
  fmt::print("batch      steps      lr  µs a name  seconds  NLL train  held out\n");
  for (const BatchRow& row : rows) {
    fmt::print(
        "{:>5} {:>10} {:>7.4f} {:>10.2f} {:>8.1f} {:>10.4f} {:>9.4f}\n", row.batch,
        with_commas(static_cast<std::size_t>(row.steps)), row.lr, row.us_per_name,
        1e-6 * row.us_per_name * static_cast<double>(row.steps) * static_cast<double>(row.batch),
        row.train_nll, row.held_out_nll);
  }
}

nlohmann::json to_json(const std::vector<BatchRow>& rows, int width) {
  nlohmann::json list = nlohmann::json::array();
  for (const BatchRow& row : rows) {
    list.push_back({{"width", width},
                    {"batch", row.batch},
                    {"engine", "fast"},
                    {"us_per_step", row.us_per_name * static_cast<double>(row.batch)},
                    {"floor_us_per_step", nullptr},
                    {"us_per_name", row.us_per_name},
                    {"steps", row.steps},
                    {"lr", row.lr},
                    {"nll", {{"train", row.train_nll}, {"val", row.held_out_nll}}}});
  }
  return list;
}

void run_batch_study(const Options& options) {
  const StudyNames names = read_study_names(options);
  const Dataset dataset = split_held_out(names.names, options.seed);
  const GptShape shape = {.n_embd = 16, .vocab_size = names.tokenizer.vocab_size(), .gains = true};
  const long names_each = 64 * options.steps;
  const auto rows =
      batch_study(draw_parameters(shape, Random(options.seed)), dataset,
                  {1, 2, 4, 8, 16, 32, 64, 128, 256}, names_each, options.seed, options.quiet);
  print_batch_study(rows);
  fmt::print(
      "\n{} names each (64 x --steps); Adam; lr .001 x root of batch, at most .01,\n"
      "falling to 0; width 16, with gains, float; thread CPU time\n{}\n{}\n",
      with_commas(static_cast<std::size_t>(names_each)), describe(names.corpus),
      machine_description());
  if (!options.json.empty()) {
    write_json(options.json, measurement_json("09_fast_training", to_json(rows, shape.n_embd)));
  }
}

}  // namespace ladder
