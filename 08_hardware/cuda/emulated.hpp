#pragma once
/// \file
/// The versions on this processor: v1's operations as loops, v3 to v6 on an emulated warp. The same
/// source as on the device; nothing of their speed.

#include <memory>
#include <span>

#include "07_fast_inference/model/engine_kind.hpp"

namespace ladder::gpu {

/// Largest |logit - reference| that v6 is held to with the shipped weights: its inputs have 11
/// bits.
inline constexpr double tf32_error = 0.05;

/// `host_v1`, `warp_v3`, `warp_v4`, `warp_v4_tables`, `warp_v5`, `warp_v6`.
std::span<const EngineKind> emulated_engines();

/// v1 with a loop for each kernel. \param backwards  the loops go through the threads from the last
/// to the first: what a kernel's threads compute may not depend on it
std::unique_ptr<Engine> make_host_v1(const MicroGpt& model, bool backwards);

}  // namespace ladder::gpu
