#pragma once
/// \file
/// What one name costs to learn from, on either tape.

#include "common/options.hpp"

namespace ladder {

/// Times forward, backward and Adam through microGPT (width 16): the scalar tape, the matrix tape
/// with one name, and with 32 names a batch. Prints the table and writes --json.
void run_bench(const Options& options);

}  // namespace ladder
