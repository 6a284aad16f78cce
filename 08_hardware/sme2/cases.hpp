#pragma once
/// \file
/// Work whose instructions count_instructions.py counts, case after case.

#include "07_fast_inference/model/model.hpp"

namespace ladder::sme2 {

/// Does each piece of work between two marks that an emulator's log shows, and prints a line for
/// each, tab-separated: what, width, how it was done, entries to streaming mode, of how many
/// tokens.
void run_cases(const MicroGpt& model);

}  // namespace ladder::sme2
