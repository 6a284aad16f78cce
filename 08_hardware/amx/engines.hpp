#pragma once
/// \file
/// The engines of this program.

#include <span>

#include "07_fast_inference/model/engine_kind.hpp"

namespace ladder {

/// What runs here: stage 07's streams in fp32 and in int8, to measure against; the streams on the
/// model of the tiles; and on the tiles themselves, where this machine has them.
std::span<const EngineKind> tile_engines();

/// The two on the instructions, whatever this machine has: where it cannot run them, making one
/// says why.
std::span<const EngineKind> engines_on_tiles();

}  // namespace ladder
