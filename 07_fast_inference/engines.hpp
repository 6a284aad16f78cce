#pragma once
/// \file
/// The list of this stage's engines, slowest first.

#include <span>

#include "07_fast_inference/model/engine_kind.hpp"

namespace ladder {

/// All of them that this machine can run.
std::span<const EngineKind> all_engines();

}  // namespace ladder
