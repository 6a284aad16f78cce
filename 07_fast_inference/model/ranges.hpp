#pragma once
/// \file
/// How large do a model's numbers get? Formats of few bits are fitted to that.

#include <algorithm>
#include <array>

#include "07_fast_inference/model/model.hpp"

namespace ladder {

/// The largest magnitude of each of these: of the first four over all tokens at all positions, of
/// the others, which depend on a context, while the model reads that and writes names of its own.
struct Ranges {
  double embedding = 0;                   ///< wte + wpe
  std::array<double, n_embd> query{};     ///< of each dimension
  std::array<double, n_embd> key{},       ///< likewise
      value{};                            ///< likewise
  double attention = 0;                   ///< the heads' result, before attn_wo
  double residual = 0;                    ///< x as attention takes it up, and after it
  std::array<double, n_hidden> hidden{};  ///< fc1 of the normed x, after ReLU, each
  double hidden_raw = 0;  ///< fc1 of x itself, after ReLU: for engines that norm later
  double last = 0;        ///< x after the MLP, not normed again
};

/// The largest of several.
template <std::size_t n>
double largest_of(const std::array<double, n>& ranges) {
  return *std::max_element(ranges.begin(), ranges.end());
}

/// Writes 500 names in double precision, always the same ones. Weights decide, no corpus is needed;
/// what a rare name exceeds by is saturated.
Ranges measure_ranges(const MicroGpt& model);

}  // namespace ladder
