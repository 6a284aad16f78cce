#pragma once
/// \file
/// The functions of Kernels for every width, in the vectors of the file that includes this.
/// Unnamed namespace: see kernels.hpp.

#include "09_fast_training/fast/pass.hpp"
#include "09_fast_training/fast/peak.hpp"
#include "09_fast_training/fast/update.hpp"

namespace ladder {
namespace {

/// One width's, in one variant.
template <class Number, int width, Variant variant = Variant{}>
constexpr Kernels<Number> kernels_of = {
    .workspace_size = [](const Pass<Number>& pass) { return Workspace<Number, width>(pass).size; },
    .forward =
        [](const Pass<Number>& pass) {
          return FastPass<Number, width, variant>(pass).template run<false>();
        },
    .forward_backward =
        [](const Pass<Number>& pass) {
          return FastPass<Number, width, variant>(pass).template run<true>();
        },
    .adam =
        [](Number* parameters, const Number* gradient, Number* m, Number* v, std::size_t size,
           const AdamStep& step) {
          adam_update<Number, variant>(parameters, gradient, m, v, size, step);
        },
    .sgd = [](Number* parameters, const Number* gradient, std::size_t size,
              double lr) { sgd_update(parameters, gradient, size, lr); },
    .peak = [](long rounds) { return multiply_add_rounds<Number>(rounds); }};

/// One of `gpt_widths`.
template <class Number>
const Kernels<Number>& kernels_of_width(int width) {
  switch (width) {
    case 16:
      return kernels_of<Number, 16>;
    case 32:
      return kernels_of<Number, 32>;
    case 64:
      return kernels_of<Number, 64>;
    default:
      return kernels_of<Number, 128>;
  }
}

}  // namespace
}  // namespace ladder
