#pragma once
/// \file
/// The program's modes that study instead of training: their options, and their calls.

#include <string>

#include "common/command_line.hpp"

namespace ladder {

/// Which study was asked for.
struct Studies {
  bool diary = false;        ///< --diary
  bool batch_study = false;  ///< --batch-study
  std::string experiment;    ///< --experiment NAME
};

/// Declares --diary, --experiment and --batch-study, and that --compare without a file is one, too.
void add_studies(CommandLine& cli, Studies& studies);

/// Runs the study that was asked for. \returns false if none was
bool ran_study(const CommandLine& cli, const Studies& studies, const Options& options);

}  // namespace ladder
