#pragma once
/// \file
/// The engine's diary, to be measured again: what was done step by step, what was expected, what it
/// taught; and what was tried and lost.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "09_fast_training/trainer.hpp"
#include "common/options.hpp"

namespace ladder {

/// How a step is made: width 16, microGPT's variant, Adam, float.
struct Setup {
  /// Makes the trainer.
  std::function<std::unique_ptr<Trainer>(const GptParameters&, const OptimizerOptions&)> trainer;
  Packing packing = Packing::names;  ///< of the batch
  std::size_t batch = 16;            ///< names a step
};

/// One idea, added to those before it.
struct DiaryStep {
  std::string name,  ///< what was done
      expected,      ///< why that should help
      taught;        ///< what was learned from the measurement
  Setup setup;       ///< without a trainer if this machine has no such vectors
};

/// Something else than what the engine does.
struct Experiment {
  std::string key,  ///< for --experiment
      name,         ///< what was tried
      expected,     ///< why it should have helped
      taught;       ///< why it did not
  Setup tried,      ///< with it
      instead;      ///< what it is held against, the engine as it is in most cases
};

/// In order, from plain loops to the engine that trains.
std::vector<DiaryStep> diary_steps();
/// Those that lost where this was written, then those that made no difference.
std::vector<Experiment> experiments();
/// The keys of experiments().
std::vector<std::string> experiment_names();

/// Times all steps and experiments in turn, prints them, and writes --json.
void run_diary(const Options& options);
/// Times one experiment against what the engine does instead, prints both, and writes --json.
/// \param key  one of experiment_names()
void run_experiment(const Options& options, const std::string& key);

}  // namespace ladder
