#pragma once
/// \file
/// The engines that write one name at a time, in the order a reader climbs them: each is one file
/// and adds one idea to the one before it.
///
/// The room one_stream/ may include model/, judge/ and the stages below, and no room that comes
/// after it: an engine knows nothing of clocks, nor of the streams that build on it.

#include <memory>

#include "07_fast_inference/model/engine.hpp"

namespace ladder {

/// \name Engines of one stream
/// Each copies what it needs of the model, which may go then.
/// \{

/// Stage 06's forward pass on the tape, in double precision, the whole name anew for each token.
std::unique_ptr<Engine> make_tape(const MicroGpt& model);
/// Eigen's matrices, sized when the program runs, and a KV cache.
std::unique_ptr<Engine> make_eigen_dynamic(const MicroGpt& model);
/// The same lines with every size part of the type.
std::unique_ptr<Engine> make_eigen_fixed(const MicroGpt& model);
/// The loops of a textbook, so written that a compiler finds the vectors in them.
std::unique_ptr<Engine> make_loops(const MicroGpt& model);
/// Weights along XOR diagonals (columns.hpp): no sum crosses lanes.
std::unique_ptr<Engine> make_columns(const MicroGpt& model);
/// What token and position decide, looked up (rows.hpp).
std::unique_ptr<Engine> make_tables(const MicroGpt& model);
/// As `tables`, with the MLP in integers of 16 bits.
std::unique_ptr<Engine> make_int16(const MicroGpt& model);
/// \}

}  // namespace ladder
