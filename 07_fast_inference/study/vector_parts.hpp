#pragma once
/// \file
/// The parts of the engines of one stream in vectors, put together again so that each can run
/// alone. Compiled for every width of a vector, as the engines are (one_stream/widths.hpp).

#include <memory>
#include <span>

#include "07_fast_inference/model/engine.hpp"
#include "07_fast_inference/model/part_clock.hpp"

namespace ladder {

/// The parts of columns.cpp and tables.cpp.
class VectorParts {
 public:
  virtual ~VectorParts();

  /// Runs a part for each place in turn, its input tied to its last result, so that what it takes
  /// is its latency. All are the same in both engines but Part::embedding.
  /// \param looks_up  as `tables` does it: embedding is a look-up in rows
  virtual void run(Part part, bool looks_up, std::span<const Place> places) = 0;
};

/// Of the width that the engines of one stream run in.
/// \param temperature  of the draw; above 0
std::unique_ptr<VectorParts> make_vector_parts(const MicroGpt& model, float temperature);

}  // namespace ladder
