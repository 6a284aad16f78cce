#pragma once
/// \file
/// Where the time of a token goes.

#include "07_fast_inference/bench/bench.hpp"

namespace ladder {

/// \throws UsageError if the model has a final norm: the parts are those of microGPT's variant.
void check_breakdown(const MicroGpt& model);

/// Times the parts of eigen_dynamic, columns and tables and prints their cycles beside those of the
/// whole engine, of the multiply-adds alone, and of the chain of steps that wait for each other.
///
/// Each part runs alone, in a loop in which its input waits for its last result, over the places of
/// names that the model wrote. So a part shows its latency; where the engine runs two parts at
/// once, the whole is less than the sum.
void print_breakdown(std::span<const EngineKind> list, const MicroGpt& model,
                     const BenchOptions& options);

}  // namespace ladder
