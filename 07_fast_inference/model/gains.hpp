#pragma once
/// \file
/// RMSNorm's gains, put into the matrices that read what they scale.

#include <cmath>
#include <cstddef>
#include <span>

#include "07_fast_inference/model/model.hpp"

namespace ladder {

/// W[i][j] = W[i][j] · gain[j], multiplied in double and rounded once.
/// \returns false if a weight became too large for a float
template <std::size_t rows>
bool fold_gain(std::span<const float, n_embd> gain, float (&weights)[rows][n_embd]) {
  bool finite = true;
  for (auto& row : weights) {
    for (std::size_t j = 0; j < n_embd; ++j) {
      row[j] = static_cast<float>(double{row[j]} * double{gain[j]});
      finite = finite && std::isfinite(row[j]);
    }
  }
  return finite;
}

}  // namespace ladder
