#pragma once
/// \file
/// A batch of names as the kernels read it: positions packed one below the other. Names have 7
/// positions on average of at most 16, so rows of padding would be more than half of all rows, and
/// work for every operation; packed ones cost the attention an array of where names start.

#include <vector>

#include "common/dataset.hpp"

namespace ladder::gpu {

/// R positions of all names, and what is to be predicted at each.
struct PackedRows {
  int rows = 0;              ///< R
  int names = 0;             ///< of the batch
  std::vector<int> numbers;  ///< tokens, positions, targets (R each), starts (names + 1): one copy

  const int* tokens() const { return numbers.data(); }       ///< (R), what is read, BOS first
  const int* starts() const { return tokens() + 3 * rows; }  ///< (names + 1), the last one is R
};

/// Packs names of the canonical alphabet; of one longer than block_size - 1 letters only the first
/// block_size predictions.
PackedRows pack_rows(Batch names);

}  // namespace ladder::gpu
