#pragma once
/// \file
/// Where the time of a token goes, of the engines on tiles and of stage 07's that they compete
/// with.

#include <span>

#include "07_fast_inference/bench/bench.hpp"

namespace ladder {

/// Times the parts of each engine while it runs and prints their cycles a token. The model of the
/// tiles is left out: its cycles are not the tiles'.
void print_tile_breakdown(std::span<const EngineKind> kinds, const MicroGpt& model,
                          const BenchOptions& options);

}  // namespace ladder
