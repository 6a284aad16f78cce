#pragma once
/// \file
/// How the textbook became the fast version, a step at a time: each as a trainer that still runs,
/// so that a reader can measure on his own machine what each idea brought.

#include <functional>

#include "09_fast_training/trainer.hpp"

namespace ladder {

/// One version of the history. All train the same model with the same numbers, but for rounding.
struct HistoryStep {
  std::string name;  ///< a word or two
  std::string
      idea;   ///< what it adds to the one before, or for an idea that was not kept, what it tries
  bool kept;  ///< false: meant to lose; it is compared with the last one that was kept before it

  /// A trainer in float, its packing as it should be. \param parameters  of width 16
  std::function<std::unique_ptr<Trainer>(const GptParameters& parameters,
                                         const OptimizerOptions& optimizer)>
      make;
};

/// From the textbook to the version that trains, then what was not kept. Those that differ by wide
/// vectors are there as far as this machine has them.
std::vector<HistoryStep> history();

}  // namespace ladder
