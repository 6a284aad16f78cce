#pragma once
/// \file
/// Engines in NEON's instructions, one stream each.

#include <memory>

#include "07_fast_inference/fixed_point/fixed_model.hpp"
#include "07_fast_inference/model/engine.hpp"

namespace ladder::neon {

/// Single precision: every weight's column is multiplied by one lane of the input.
std::unique_ptr<Engine> make_fp32(const MicroGpt& model);

/// Q4.12, to the last bit 07's. 16-bit products by `smlal`. \returns 07's plain loops if shifts are
/// so unusual that only they do it, or 32 bits are not enough for a sum
std::unique_ptr<Engine> make_q4_12(const MicroGpt& model);

/// The same bits, each 16-bit product made of four of bytes, by `sdot`; only where
/// has_dot_product().
std::unique_ptr<Engine> make_q4_12_sdot(const MicroGpt& model);

/// The same for a fixed-point model as it is. \returns null where the above take plain loops
std::unique_ptr<Engine> make_q4_12(const FixedModel& model, bool by_sdot);

/// Whether this processor has Armv8.2's dot product; one that the compiler was told to count on
/// has.
bool has_dot_product();

}  // namespace ladder::neon
