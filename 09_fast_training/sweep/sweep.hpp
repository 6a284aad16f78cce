#pragma once
/// \file
/// Loss against time: many configurations trained side by side.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "09_fast_training/sweep/ranks.hpp"
#include "09_fast_training/sweep/runs.hpp"
#include "09_fast_training/trainer.hpp"
#include "common/dataset.hpp"

namespace ladder {

/// The values that a sweep combines, each with each.
struct Grid {
  std::vector<int> widths;           ///< n_embd
  std::vector<std::size_t> batches;  ///< names a step
  std::vector<double> lrs;           ///< of the first step
  std::vector<double> budgets;       ///< seconds a run
};

/// A new model of this width.
using MakeTrainerOfWidth = std::function<std::unique_ptr<Trainer>(int width)>;

/// What is learned, and how it is done.
struct Sweep {
  Grid grid;                ///< each with each
  const Dataset& dataset;   ///< of the protocol *held out*
  MakeTrainerOfWidth make;  ///< may be called by several threads at once
  std::uint64_t seed;       ///< of the plan's order and of the batches
  nlohmann::json asked;     ///< what the runs depend on, to be found again in a resumed file
  std::string file;         ///< finished runs are appended to it
  bool resume = false;      ///< go on with that file
  bool force = false;       ///< begin it anew
  bool quiet = false;       ///< no progress bar
  int threads = 1;          ///< of rank 0, a run each; another rank makes one at a time
};

/// What came of it.
struct SweepResults {
  std::vector<Configuration> plan;  ///< every run there is to make
  std::vector<SweepRun> runs;       ///< finished ones, in the plan's order
};

/// Makes all runs of the grid that the file does not have yet. Rank 0 deals them to its threads and
/// to the other ranks, and it alone writes the file: no disk need be shared. Ctrl-C ends the sweep
/// early, as does a run that cannot be written.
/// \returns on rank 0 the results, on others nothing
/// \throws Error as RunsFile does
SweepResults run_sweep(const Sweep& sweep, Ranks& ranks);

}  // namespace ladder
