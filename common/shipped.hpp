#pragma once
/// \file
/// What comes with the ladder's programs, and where it lies: a corpus, the reference model and what
/// engines are judged by, what programs are compared with.

#include <string>

namespace ladder {

/// Where a file that comes with the ladder lies, named as in the repository
/// ("common/data/ssa2018.txt"). An installed program finds it in ../share/microgpt_ladder, seen
/// from the program's own folder, wherever both were moved to; one in the build tree finds the
/// repository. MICROGPT_LADDER_DATA names another folder, for programs of others that link the
/// ladder's libraries.
std::string data_path(const std::string& relative);

/// What to do about `path`, which is not there: other advice if data_path() gave it and found none
/// of the ladder's data anywhere.
std::string advice_on_missing(const std::string& path);

/// microGPT's 4,192 weights, as stage 06 trained them (common/data/README.md says how).
std::string shipped_weights_path();

/// \name The same model, trained on for few bits
/// Each row of a matrix is one scale times at most 16 integers, or 3 (-1, 0 and 1).
/// \{
std::string shipped_int4_path();     ///< 16 values a row
std::string shipped_ternary_path();  ///< 3 values a row
/// \}

/// Logits of shipped_weights_path() in double precision: {"names": [{"name", "logits": [[…]]}]},
/// for BOS and each letter of each name, fed in turn, the logits of what comes next, (T, 27).
std::string shipped_golden_path();

}  // namespace ladder
