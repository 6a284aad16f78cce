#pragma once
/// \file
/// Trainers around the studied programs.
///
/// The room study/ is the last: it may include all others, and nobody but main.cpp includes it.

#include <memory>
#include <string>

#include "09_fast_training/study/studied.hpp"
#include "09_fast_training/trainer.hpp"

namespace ladder {

/// A trainer of width 16 that is this program.
/// \param vectors  one of vector_names()
std::unique_ptr<Trainer> make_studied_trainer(Studied program, const std::string& vectors,
                                              const GptParameters& parameters,
                                              const OptimizerOptions& optimizer);

/// The same, but the names of a batch go through it one after the other, each with all operations:
/// only the gradients are added up, and the optimizer moves once.
std::unique_ptr<Trainer> make_name_by_name_trainer(Studied program, const std::string& vectors,
                                                   const GptParameters& parameters,
                                                   const OptimizerOptions& optimizer);

}  // namespace ladder
