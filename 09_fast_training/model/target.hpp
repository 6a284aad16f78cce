#pragma once
/// \file
/// What a row of a batch is to predict.

namespace ladder {

/// A token that follows a row, and in how many names it does.
struct Target {
  int token;  ///< to be predicted
  int count;  ///< of names; 1 unless rows are merged
};

}  // namespace ladder
