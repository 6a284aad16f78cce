#pragma once
/// \file
/// When does a GPU train faster than a processor? Microseconds a step by width and batch.

#include <optional>
#include <string>
#include <vector>

#include "common/tokenizer.hpp"

namespace ladder::gpu {

/// How --crossover measures.
struct CrossoverOptions {
  int rounds = 21;                  ///< of which the median counts
  std::uint64_t seed = 42;          ///< of weights and batches
  bool quiet = false;               ///< no progress bar
  std::string json;                 ///< where rows are written; empty for nowhere
  std::vector<std::string> beside;  ///< files of a processor's steps
};

/// A step as a result file tells it.
struct StepRow {
  std::string engine;       ///< who made it
  int width = 0;            ///< of the model
  int batch = 0;            ///< names a step
  double microseconds = 0;  ///< a step
};

/// The measured rows of files of 09_fast_training --bench --json, whose contract is the house's:
/// {"rows": [{"width", "batch", "engine", "us_per_step", …}]}.
/// \throws Error if one holds something else
std::vector<StepRow> read_steps(const std::vector<std::string>& files);

/// The quickest of them at this width and batch, if there is one.
std::optional<StepRow> quickest(const std::vector<StepRow>& rows, int width, int batch);

/// First holds the device's gradients against stage 06's tape, then measures both variants and
/// prints them beside the quickest of the processor's; writes rows {"width", "batch", "engine",
/// "us_per_step", "floor_us_per_step", "positions"}, and "gpu".
/// \throws Error if a gradient is wrong; std::runtime_error if the device fails
void run_crossover(const std::vector<Tokens>& names, const CrossoverOptions& options);

}  // namespace ladder::gpu
