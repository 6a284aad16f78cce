#pragma once
/// \file
/// The modes of stage 09's program that use many cores or machines, and their options.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "09_fast_training/sweep/ranks.hpp"
#include "09_fast_training/sweep/sweep.hpp"
#include "09_fast_training/trainer.hpp"
#include "common/command_line.hpp"

namespace ladder {

/// What the reader asked for beside what every trainer offers.
struct ParallelOptions {
  bool pareto = false;                          ///< --pareto
  bool data_parallel = false;                   ///< --data-parallel
  bool resume = false;                          ///< --resume
  std::string runs = "09_fast_training.jsonl";  ///< --runs
  std::vector<double> budgets = {1, 5, 20};     ///< --budget, seconds a run
  int threads = 0;                              ///< --threads; 0: not said

  /// As said; else one a core for this process alone, and one for each that mpirun started.
  int threads_of_rank() const;
};

/// Declares them.
void add_parallel_options(CommandLine& cli, ParallelOptions& options);
/// \throws UsageError if one of them was given that has no effect, or mpirun was used in vain
void check_parallel_options(const CLI::App& app, const ParallelOptions& options);

/// What a sweep combines unless an option holds it fixed: some minutes of two cores.
Grid default_grid(bool adam);

/// A model of this shape, its first weights drawn by --seed.
using MakeTrainerOfShape = std::function<std::unique_ptr<Trainer>(const GptShape&)>;

/// --pareto: the sweep, its front as a table, and as --json.
/// \param asked  names of the model, the optimizer and the like: what runs depend on
void run_pareto(const Options& options, const ParallelOptions& parallel, Grid grid, bool gains,
                const MakeTrainerOfShape& make, nlohmann::json asked, Ranks& ranks);

/// --data-parallel --bench: from which batch on a second thread pays, and from which width on a
/// second process.
void run_parallel_bench(const Options& options, const ParallelOptions& parallel, Ranks& ranks);

}  // namespace ladder
