#pragma once
/// \file
/// What a step costs, and what it would cost if only the matrices' multiply-adds took time.

#include "common/options.hpp"

namespace ladder {

/// Times whole steps (batch sampling, packing, forward, backward, Adam) of microGPT's variant at
/// several widths, beside stage 06's matrix tape and the floor. Prints the table, writes --json.
/// \param batch    names a step
/// \param vectors  as make_fast_trainer()
void run_bench(const Options& options, std::size_t batch, const std::string& vectors);

}  // namespace ladder
