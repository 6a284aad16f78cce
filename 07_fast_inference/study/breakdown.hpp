#pragma once
/// \file
/// Where the time of a token goes.

#include "07_fast_inference/bench/bench.hpp"
#include "07_fast_inference/model/part_clock.hpp"

namespace ladder {

/// An engine that is taken apart, and in which numbers its parts multiply.
struct Dissected {
  const char* engine;               ///< as EngineKind::name
  double MultiplyAdds::*attention;  ///< query, key and value too
  double MultiplyAdds::*wo;         ///< that matrix
  double MultiplyAdds::*mlp;        ///< both of its matrices
  double MultiplyAdds::*head;       ///< lm_head
  bool looks_up = false;            ///< the query, the key and the value
  int scores_looked_up = 0;         ///< so many positions need no score

  /// Multiply-adds of one part of a token at a position. Those of all parts are
  /// EngineKind::multiply_adds.
  MultiplyAdds multiply_adds(Part part, int position) const;
};

/// The fastest engine of each kind of number, of one stream and of many, and one of a library.
std::span<const Dissected> all_dissected();

/// \throws UsageError if the model has a final norm: the parts are those of microGPT's variant.
void check_breakdown(const MicroGpt& model);

/// Times the parts of those engines and prints their cycles beside those of the whole engine, and
/// below them what their multiply-adds would take at the machine's peak (bench/floors.hpp).
///
/// The parts of eigen_dynamic, columns and tables run alone, in a loop in which their input waits
/// for their last result, over the places of names that the model wrote. Those of q4_12 and int16
/// are timed while they run, but at the end of each the processor waits for all that was begun. So
/// these parts show their latency; where the engine runs two at once, the whole is less than the
/// sum. The parts of streams are timed while they run, without a wait: they hardly overlap.
void print_breakdown(std::span<const EngineKind> list, const MicroGpt& model,
                     const BenchOptions& options);

}  // namespace ladder
