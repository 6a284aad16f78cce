#pragma once
/// \file
/// Engines in vectors, compiled once for each width that a processor of this kind may have. The
/// program is the same on every machine; which width runs is decided when it runs.

#include <memory>
#include <span>

#include "07_fast_inference/model/engine.hpp"

namespace ladder {

/// A new engine of these weights.
using EngineMaker = std::unique_ptr<Engine> (*)(const MicroGpt& model);

/// The engines in vectors, as one width has them.
struct VectorEngines {
  int lanes;            ///< numbers of 32 bits in a vector
  EngineMaker columns,  ///< as make_columns()
      tables,           ///< as make_tables()
      int16,            ///< as make_int16()
      streams;          ///< as make_streams()
};

/// Those whose instructions this machine has, narrow before wide: 4 lanes everywhere, and on x86-64
/// 8 with AVX2, 16 with AVX-512 and its VNNI.
std::span<const VectorEngines* const> all_widths();

/// The widest of them with at most this many lanes.
const VectorEngines& widest(int most_lanes);

/// More lanes are not always faster. A token of one stream has to wait for the one before it, and
/// for that wait a wider vector does nothing but add steps across its lanes: the engines of one
/// stream are as fast or faster with 8 lanes on each processor tried that has 16 (a Xeon of 2023
/// and a Zen 4; `07_fast_inference --bench --widths` measures yours). Many streams have work for
/// every lane.
inline constexpr int one_stream_lanes = 8, many_streams_lanes = 16;

}  // namespace ladder
