#pragma once
/// \file
/// What a token costs at least, in units that a machine's speed can be measured in: multiply-adds,
/// and steps that wait for each other.

namespace ladder {

/// Multiply-adds, by the numbers that are multiplied. Of an engine: how many a token needs. Of a
/// machine: how many a core does in a cycle.
struct MultiplyAdds {
  double fp64 = 0,  ///< double precision
      fp32 = 0,     ///< single precision
      int16 = 0,    ///< 16-bit integers, added up in 32 bits
      int8 = 0;     ///< 8-bit integers

  /// Of all kinds together.
  double total() const { return fp64 + fp32 + int16 + int8; }

  /// Cycles that a core needs for all of them, if each kind runs as fast as `peak` says and nothing
  /// else ever takes a turn.
  double cycles_at(const MultiplyAdds& peak) const {
    const auto each = [](double count, double speed) { return count > 0 ? count / speed : 0; };
    return each(fp64, peak.fp64) + each(fp32, peak.fp32) + each(int16, peak.int16) +
           each(int8, peak.int8);
  }
};

/// Cycles that a step takes from its input to its result. Of vectors, unless it says otherwise.
struct Latencies {
  double add = 0;           ///< of floats
  double multiply = 0;      ///< likewise
  double multiply_add = 0;  ///< likewise, in one instruction where there is one
  double divide = 0;        ///< likewise
  double square_root = 0;   ///< likewise
  double maximum = 0;       ///< the larger of two floats
  double convert = 0;       ///< from float to integer or back
  double near_shuffle = 0;  ///< within 128 bits
  double far_shuffle = 0;   ///< beyond them; 0 where vectors end there
  double pick = 0;          ///< lanes compared, those that hold counted, that row of a table read
  double integer = 0;       ///< addition, comparison, shift, …
  double integer_multiply = 0;  ///< of 32 bits
  double pair_product = 0;      ///< two products of 16 bits and their sum, in a lane
  double look_up = 0;           ///< an entry of a table for each lane
  double scalar_multiply = 0;   ///< of integers, one at a time
  double load = 0;              ///< of a number, from an address that was just computed
};

/// What a core does at best.
struct CoreSpeed {
  MultiplyAdds peak;  ///< in a cycle
  Latencies latency;  ///< of one step
};

}  // namespace ladder
