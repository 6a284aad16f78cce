#pragma once
/// \file
/// The parts of a token's way through the model, timed: each alone in a loop, or while the engine
/// runs.

#include <array>
#include <optional>
#include <vector>

#include "07_fast_inference/bench/bench.hpp"
#include "07_fast_inference/model/part_clock.hpp"

namespace ladder {

/// Cycles a token spends in each part; nothing where an engine has no such part.
struct Cycles : std::array<std::optional<double>, part_count> {
  /// Of one part.
  std::optional<double>& operator[](Part part) { return at(static_cast<std::size_t>(part)); }
  /// Of one part.
  const std::optional<double>& operator[](Part part) const {
    return at(static_cast<std::size_t>(part));
  }
  /// Of all together.
  double sum() const;
};

/// Where the model stands while it writes names: what the parts are timed on.
std::vector<Place> places_of_names(const MicroGpt& model, const BenchOptions& options);

/// The parts of eigen_dynamic.
Cycles time_eigen(const MicroGpt& model, const std::vector<Place>& places, int rounds);

/// The parts of columns and of tables.
std::array<Cycles, 2> time_vectors(const MicroGpt& model, const std::vector<Place>& places,
                                   const BenchOptions& options);

/// The parts of an engine that can time them itself; none if this one cannot.
Cycles time_while_running(Engine& engine, const BenchOptions& options);

/// The parts of streams of integers, by the fastest kernel there is, timed while they run.
/// \param bits   of the MLP, 16 or 8
/// \param whole  cycles a token of the engine
Cycles time_integers(const MicroGpt& model, int bits, const BenchOptions& options, double whole);

}  // namespace ladder
