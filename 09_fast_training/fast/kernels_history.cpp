// The fast version without some of its ideas, for the vectors that this build is made for.
#include "09_fast_training/fast/kernels_history.hpp"

#include "09_fast_training/fast/make_kernels.hpp"

namespace ladder {

const Kernels<float>& history_kernels(HistoryKernels which) {
  constexpr Variant loops = {.registers = false,
                             .fused_qkv = false,
                             .fused_relu = false,
                             .fast_exp = false,
                             .fast_adam = false};
  constexpr Variant skipping = {.registers = false,
                                .fused_qkv = false,
                                .fused_relu = false,
                                .fast_exp = false,
                                .fast_adam = false,
                                .skip_zeros = true};
  constexpr Variant registers = {
      .fused_qkv = false, .fused_relu = false, .fast_exp = false, .fast_adam = false};
  constexpr Variant qkv = {.fused_relu = false, .fast_exp = false, .fast_adam = false};
  constexpr Variant relu = {.fast_exp = false, .fast_adam = false};
  constexpr Variant exponential = {.fast_adam = false};
  constexpr Variant split = {.split_adam = true};
  switch (which) {
    case HistoryKernels::loops:
      return kernels_of<float, 16, loops>;
    case HistoryKernels::skip_zeros:
      return kernels_of<float, 16, skipping>;
    case HistoryKernels::registers:
      return kernels_of<float, 16, registers>;
    case HistoryKernels::fused_qkv:
      return kernels_of<float, 16, qkv>;
    case HistoryKernels::fused_relu:
      return kernels_of<float, 16, relu>;
    case HistoryKernels::fast_exp:
      return kernels_of<float, 16, exponential>;
    case HistoryKernels::fast_adam:
      return kernels_of<float, 16>;
    case HistoryKernels::split_adam:
      return kernels_of<float, 16, split>;
  }
  return kernels_of<float, 16>;
}

}  // namespace ladder
