#pragma once
/// \file
/// Whole steps of several trainers, timed in turn, and what a step would cost if nothing but the
/// matrices' multiply-adds took time.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "09_fast_training/trainer.hpp"
#include "common/options.hpp"

namespace ladder {

/// What is timed.
struct Contender {
  std::string engine;            ///< as tables and JSON name it
  int width;                     ///< of the model
  std::size_t batch;             ///< names a step
  std::function<double()> step;  ///< batch sampling, forward, backward, update. \returns the loss
  double floor = 0;              ///< µs a step, or 0 if nobody asked
  std::vector<double> microseconds = {};  ///< a step, of each round
};

/// One whose step takes the next batch of `names` by `seed`, packs it so, and trains on it.
Contender training_contender(const std::string& engine, std::shared_ptr<Trainer> trainer,
                             const std::vector<Tokens>& names, std::size_t batch,
                             std::uint64_t seed, Packing packing = Packing::names);

/// Times all of them in turn, so that what else the machine does falls on all alike. A round gives
/// each as many steps as fill `milliseconds`, one at least; thread CPU time.
void measure_in_turn(std::vector<Contender>& contenders, int rounds, double milliseconds,
                     const std::string& label, bool quiet);

/// Mean rows of a batch, over the first 1,000 batches.
double mean_rows(const std::vector<Tokens>& names, std::size_t batch, Packing packing,
                 std::uint64_t seed);

/// µs a step: 6 operations for each weight that every row is multiplied by, and each row.
/// \param flops  operations a second, measure_peak_flops()
double floor_us(const GptShape& shape, double rows, double flops);

/// A row of a result file: {"width", "batch", "engine", "us_per_step", "floor_us_per_step"}; what
/// was not measured is null.
nlohmann::json to_json(const Contender& contender);

}  // namespace ladder
