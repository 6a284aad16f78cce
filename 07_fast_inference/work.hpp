#pragma once
/// \file
/// What no engine of this list can do without: how many multiply-adds a token needs, and which
/// steps of it wait for each other. `--bench` sets both beside what was measured.
///
/// Multiply-adds are those of the matrices and of attention (q · k, and the sum of the values);
/// norms, exponentials and the draw are not counted. What is looked up is not multiplied.
///
/// Chains are estimates, counted by hand from the engines' sources, of microGPT's variant. A sum of
/// n products is counted as a tree, one product and log2(n) additions: so it is what the engine's
/// arithmetic asks for, not how its loops happen to be written. But a matrix takes no less than its
/// multiply-adds at the core's peak. Loads, and steps that something longer runs beside, are left
/// out.

#include "07_fast_inference/model/cost.hpp"

namespace ladder {

/// \name Multiply-adds of a token at a position
/// \{
MultiplyAdds multiply_adds_of_tape(int position);           ///< the whole name again, in fp64
MultiplyAdds multiply_adds_of_model(int position);          ///< with a KV cache, all of it in fp32
MultiplyAdds multiply_adds_of_tables(int position);         ///< without what is looked up
MultiplyAdds multiply_adds_of_int16(int position);          ///< likewise, the MLP in int16
MultiplyAdds multiply_adds_of_q4_12_plain(int position);    ///< all of it in int16
MultiplyAdds multiply_adds_of_q4_12(int position);          ///< without what is looked up
MultiplyAdds multiply_adds_of_streams_int16(int position);  ///< all but attention in int16
MultiplyAdds multiply_adds_of_streams_int8(int position);   ///< likewise, the MLP in int8
/// \}

/// \name Cycles of a token's longest chain at a position
/// \{
double chain_of_loops(int position, const CoreSpeed& core);        ///< and of Eigen's engines
double chain_of_columns(int position, const CoreSpeed& core);      ///< nothing is looked up
double chain_of_tables(int position, const CoreSpeed& core);       ///< begins with attention
double chain_of_int16(int position, const CoreSpeed& core);        ///< likewise
double chain_of_q4_12_plain(int position, const CoreSpeed& core);  ///< all of fixed_point/q4_12.hpp
double chain_of_q4_12(int position, const CoreSpeed& core);        ///< its steps 5 to 13
/// \}

}  // namespace ladder
