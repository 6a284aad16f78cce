#pragma once
/// \file
/// The versions on this processor: v1's operations as loops, v3 to v6 on an emulated warp. The same
/// source as on the device; nothing of their speed.

#include <array>
#include <memory>
#include <span>

#include "07_fast_inference/model/engine_kind.hpp"
#include "08_hardware/cuda/warp/lanes.hpp"

namespace ladder::gpu {

/// Largest |logit - reference| that v6 is held to with the shipped weights: its inputs have 11
/// bits.
inline constexpr double tf32_error = 0.05;

/// `host_v1`, `warp_v3`, `warp_v4`, `warp_v4_tables`, `warp_v5`, `warp_v6`.
std::span<const EngineKind> emulated_engines();

/// By Part, of one token of names from seed 42.
using TokenTallies = std::array<Tally, static_cast<std::size_t>(Part::count)>;

/// Counts what the lanes do while an emulated engine writes so many tokens of each stream.
/// \returns the sums over all tokens and warps
TokenTallies count_lanes(Engine& engine, std::size_t steps);

/// Prints how many lanes work, by version and part of a token: what `--lanes` shows.
void print_lanes(const MicroGpt& model);

/// In what order the loops of `host_v1` go through the threads of a kernel, for a test: what the
/// threads of a kernel compute may not depend on it.
std::unique_ptr<Engine> make_host_v1(const MicroGpt& model, bool backwards);

}  // namespace ladder::gpu
