#pragma once
/// \file
/// Batch size is two knobs: what a name costs, and what it teaches.

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "09_fast_training/trainer.hpp"
#include "common/options.hpp"

namespace ladder {

/// One batch size's run.
struct BatchRow {
  std::size_t batch = 0;  ///< names a step
  long steps = 0;         ///< made
  double lr = 0,          ///< of the first step
      us_per_name = 0,    ///< thread CPU time of whole steps, shared by the batch's names
      train_nll = 0,      ///< of the names it learned from, nats a character
      held_out_nll = 0;   ///< of the others
};

/// The learning rate for a batch: .001 √batch, at most .01. A batch of b names has a gradient √b
/// times less noisy, and so can go √b times as far; beyond the best rate known no batch helps.
double study_learning_rate(std::size_t batch);

/// Trains one model for each batch size from the same weights on the same number of names.
/// \param names_each  that each run sees, rounded up to whole batches
/// \param quiet       no progress bar
/// \returns a row each; fewer if interrupted
std::vector<BatchRow> batch_study(const GptParameters& first, const Dataset& dataset,
                                  const std::vector<std::size_t>& batches, long names_each,
                                  std::uint64_t seed, bool quiet);

/// Prints the table.
void print_batch_study(const std::vector<BatchRow>& rows);

/// {"width", "batch", "engine", "us_per_step", "floor_us_per_step", "us_per_name", "steps", "lr",
/// "nll": {"train", "val"}} each.
nlohmann::json to_json(const std::vector<BatchRow>& rows, int width);

/// Batches of 1, 2, 4, … 256 names; each run sees as many names as `options.steps` steps of 64 do.
/// Prints the table, writes --json.
void run_batch_study(const Options& options);

}  // namespace ladder
