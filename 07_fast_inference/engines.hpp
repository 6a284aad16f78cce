#pragma once
/// \file
/// The list of this stage's engines, slowest first.

#include <span>
#include <string>

#include "07_fast_inference/fixed_point/q4_12.hpp"
#include "07_fast_inference/many_streams/many_streams_engines.hpp"
#include "07_fast_inference/model/engine_kind.hpp"
#include "07_fast_inference/one_stream/one_stream_engines.hpp"

namespace ladder {

/// All of them that this machine can run.
std::span<const EngineKind> all_engines();

/// The engines in vectors at every width that this machine has: columns_4, columns_8, …, and
/// streams_int16's as s_int16_8, …; the list above has each at the width that is fastest.
std::span<const EngineKind> engines_by_width();

/// One of all_engines(). \throws UsageError if there is none of that name.
inline const EngineKind& find_engine(const std::string& name) {
  return find_engine(all_engines(), name);
}

}  // namespace ladder
