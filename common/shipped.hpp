#pragma once
/// \file
/// What the repository ships beside its sources: the reference model and what engines are judged
/// by.

#include <string>

namespace ladder {

/// microGPT's 4,192 weights, as stage 06 trained them (common/data/README.md says how).
std::string shipped_weights_path();

/// Their logits in double precision: {"names": [{"name", "logits": [[…]]}]}, for BOS and each
/// letter of each name, fed in turn, the logits of what comes next, (T, 27).
std::string shipped_golden_path();

}  // namespace ladder
