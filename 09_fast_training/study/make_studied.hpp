#pragma once
/// \file
/// The studied programs in the vectors of the file that includes this. Unnamed namespace: see
/// kernels.hpp.

#include <iterator>

#include "09_fast_training/fast/make_kernels.hpp"
#include "09_fast_training/study/studied.hpp"

namespace ladder {
namespace {

/// A variant's kernels: its training step. The passes do not ask how Adam is computed, so variants
/// that differ by Adam alone share theirs; and a forward pass alone is the engine's for all.
template <Variant variant>
constexpr Kernels<float> studied_program = [] {
  constexpr Variant passes = [] {
    Variant result = variant;
    result.fast_adam = true, result.split_adam = false;
    return result;
  }();
  Kernels<float> kernels = kernels_of<float, 16, passes>;
  kernels.forward = kernels_of<float, 16>.forward;
  kernels.adam = kernels_of<float, 16, variant>.adam;
  return kernels;
}();

/// The kernels of `studied[index]`.
template <std::size_t... i>
const Kernels<float>& studied_kernels(std::size_t index, std::index_sequence<i...>) {
  static constexpr const Kernels<float>* all[] = {&studied_program<studied[i]>...};
  return *all[index];
}

/// All of `studied`.
using StudiedIndices = std::make_index_sequence<std::size(studied)>;

}  // namespace
}  // namespace ladder
