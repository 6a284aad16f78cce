#pragma once
/// \file
/// What people would reach for instead: Python programs beside this stage (baselines/), which read
/// the same weights, write the same names, and join the same table.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "07_fast_inference/bench/bench.hpp"

namespace ladder {

/// One of the programs in baselines/.
struct Baseline {
  const char* engine;     ///< as the table names it
  const char* script;     ///< file in baselines/
  const char* precision;  ///< "fp64" or "fp32"
  const char* idea;       ///< what it shows, for the table
};

/// The programs there are, as the table lists them.
std::span<const Baseline> all_baselines();

/// What a program is asked for.
struct BaselineOptions {
  std::string weights;      ///< safetensors file
  std::uint64_t seed = 42;  ///< of the names
  double temperature = 1;   ///< of the names
  int names = 10;           ///< how many to write
  double seconds = 0;       ///< of measuring; 0 for names only
};

/// What it said: names and speed, or else why not ("NumPy is missing; …").
struct BaselineResult {
  std::vector<std::string> names;           ///< as many as were asked for
  std::optional<double> tokens_per_second;  ///< the median round; nothing if none was asked for
  double spread = 0;                        ///< of five rounds, (largest - smallest) / median
  std::string problem;                      ///< empty if it ran
};

/// Runs one with python3, the one on the PATH or else the system's own (which has Debian's NumPy).
BaselineResult run_baseline(const Baseline& baseline, const BaselineOptions& options);

/// Runs all of them, one after the other. One that cannot run has a row that says why.
std::vector<BenchRow> run_baselines(const BaselineOptions& options);

}  // namespace ladder
