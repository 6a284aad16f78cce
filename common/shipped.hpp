#pragma once
/// \file
/// What the ladder ships beside its programs, and where it lies: the reference model, what engines
/// are judged by, a corpus, what programs are compared with.

#include <string>

namespace ladder {

/// Where a file that comes with the ladder lies, named as in the repository
/// ("common/data/ssa2018.txt"). An installed program finds it in ../share/microgpt_ladder, seen from
/// itself, wherever the whole was moved to; one in the build tree finds the repository. The
/// environment variable MICROGPT_LADDER_DATA names another folder, for programs of others that
/// link the ladder's libraries.
std::string data_path(const std::string& relative);

/// microGPT's 4,192 weights, as stage 06 trained them (common/data/README.md says how).
std::string shipped_weights_path();

/// Their logits in double precision: {"names": [{"name", "logits": [[…]]}]}, for BOS and each letter
/// of each name, fed in turn, the logits of what comes next, (T, 27).
std::string shipped_golden_path();

}  // namespace ladder
