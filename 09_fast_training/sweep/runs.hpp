#pragma once
/// \file
/// What a sweep tries, and what came of it.

#include <cstddef>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace ladder {

/// One way to train.
struct Configuration {
  int width;          ///< n_embd
  std::size_t batch;  ///< names a step
  double lr;          ///< of the first step
  long steps;         ///< over which the learning rate falls to 0
  double budget;      ///< seconds that these steps should take

  bool operator==(const Configuration&) const = default;  ///< the same training
};

/// One training run. NLL is in nats a character.
struct SweepRun {
  std::size_t index;       ///< of its configuration in the plan
  std::size_t parameters;  ///< of the model
  double seconds;          ///< thread CPU time of training alone
  double train_nll = 0;    ///< of the names it learned from
  double val_nll = 0;      ///< of held-out names
  std::string diverged;    ///< why there are no NLLs; empty if there are
};

/// A run as a line of the sweep's file and as a row of --json.
nlohmann::json to_json(const SweepRun& run, const Configuration& configuration);

/// Reads what to_json() wrote.
/// \throws Error if it is not a run of one of these configurations
SweepRun run_from_json(const nlohmann::json& json, const std::vector<Configuration>& plan);

/// A sweep's plan, as it stands in the first line of its file.
nlohmann::json to_json(const std::vector<Configuration>& plan);
/// Reads it.
/// \throws Error if it is none
std::vector<Configuration> plan_from_json(const nlohmann::json& json);

}  // namespace ladder
