#pragma once
/// \file
/// What the scalar tape costs.

#include "common/options.hpp"

namespace ladder {

/// Times forward, backward and a plain update for one name through microGPT on the scalar tape,
/// prints it, and writes --json.
void run_bench(const Options& options);

}  // namespace ladder
