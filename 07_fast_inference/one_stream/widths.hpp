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

/// The lanes with which engines of one stream are fastest on this processor. More are not always
/// better: a token of one stream waits for the one before it, and in that wait a wider vector only
/// adds steps across its lanes. Measured with `07_fast_inference --bench --widths`, cycles a token:
/// with 16 lanes an Intel Xeon of 2023 takes 481 (columns), 376 (tables) and 374 (int16), with 8
/// lanes 487, 402 and 371; for an AMD Zen 4, whose 16 lanes are 8 used twice, 8 were 8 to 28%
/// ahead.
int one_stream_lanes();

/// Many streams have work for every lane.
inline constexpr int many_streams_lanes = 16;

}  // namespace ladder
