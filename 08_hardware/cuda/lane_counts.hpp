#pragma once
/// \file
/// The chapter's table of utilisation: instructions of a token and lanes that work in them, counted
/// on the emulated warp. What it counts is the source's operations, not a compiler's instructions.

#include <array>
#include <cstddef>

#include <nlohmann/json_fwd.hpp>

#include "07_fast_inference/model/engine.hpp"
#include "08_hardware/cuda/warp/lanes.hpp"

namespace ladder::gpu {

/// A tally for each Part, in the enumeration's order: all that a run's warps did there, not yet
/// divided by its tokens.
using TokenTallies = std::array<Tally, static_cast<std::size_t>(Part::count)>;

/// Counts what the lanes do while an emulated engine writes so many tokens of each stream, names of
/// seed 42. \returns the sums over all tokens and warps
TokenTallies count_lanes(Engine& engine, std::size_t steps);

/// Counts for every version on an emulated warp, and prints how many lanes work, by part of a
/// token. \returns for --json, an object an engine: {"engine", "tokens", "parts": {"matrices":
///         {"instructions", "lanes", "utilisation", "shuffles", "memory", "wavefronts"}, …}}, the
///         numbers a token
nlohmann::json study_lanes(const MicroGpt& model);

}  // namespace ladder::gpu
