#pragma once
/// \file
/// Overhead: the same step on both tapes, in plain loops, and fast, side by side in one run.

#include "common/options.hpp"

namespace ladder {

/// Times whole steps of microGPT's variant at widths 16, 32 and 64, one name alone and 16 together:
/// the scalar tape of stage 03 (one name a step: it knows no batch), the matrix tape of stage 06,
/// and this stage's loops and vectors. Prints µs a name and the nodes that a step creates, with
/// published figures beside them; writes --json, with "nodes" in each row.
void run_compare(const Options& options);

}  // namespace ladder
