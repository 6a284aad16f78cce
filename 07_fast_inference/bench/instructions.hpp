#pragma once
/// \file
/// Instructions a token, for engines on an emulated processor, whose time means nothing: counted by
/// QEMU with the plugin of cmake/cross/count_instructions.cpp.

#include "07_fast_inference/bench/bench.hpp"

namespace ladder {

/// \throws Error, saying what to do, if nothing counts here.
void need_counting();

/// Prints a line an engine: instructions for each token of names, the draw included; of options,
/// seed and temperature matter. The figure itself is written by the plugin.
void print_instructions(std::span<const EngineKind> kinds, const MicroGpt& model,
                        const BenchOptions& options);

}  // namespace ladder
