#pragma once
/// \file
/// How fast a core could be: measured in the run, so that a row can be told its distance from that.

#include <string>

#include "07_fast_inference/model/cost.hpp"

namespace ladder {

/// What this core does at best. All 0 on a processor that nothing was written for.
struct MachineSpeed {
  CoreSpeed core;    ///< by the widest and best instruction that it has of each kind
  std::string fp64,  ///< the name of that which multiplies and adds in double precision
      fp32,          ///< in single precision
      int16,         ///< in 16-bit integers
      int8;          ///< in 8-bit integers
};

/// Measures it the first time that it is asked for, in about a fifth of a second. Vectors of 128,
/// 256 and 512 bits are all tried where the machine has them, and the best is what counts: more
/// lanes are not always faster.
const MachineSpeed& machine_speed();

}  // namespace ladder
