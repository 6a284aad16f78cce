#pragma once
/// \file
/// The parts of a token's way through the model, each timed alone in a loop.

#include <array>
#include <optional>
#include <vector>

#include "07_fast_inference/bench/bench.hpp"

namespace ladder {

/// The parts, in a token's order, and their number; `attention` has wo with it, `norms` are all of
/// them.
enum Part { embedding, norms, qkv, attention, mlp, head, sampling, parts };
/// Cycles a token spends in each part; nothing where an engine has no such part.
using Cycles = std::array<std::optional<double>, parts>;

/// Where the model stands while it writes names: what the parts are timed on.
std::vector<Place> places_of_names(const MicroGpt& model, const BenchOptions& options);

/// The parts of eigen_dynamic.
Cycles time_eigen(const MicroGpt& model, const std::vector<Place>& places, int rounds);

/// The parts of columns and of tables.
std::array<Cycles, 2> time_vectors(const MicroGpt& model, const std::vector<Place>& places,
                                   const BenchOptions& options);

}  // namespace ladder
