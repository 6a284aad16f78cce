#pragma once
/// \file
/// Adam and SGD on one flat array: what belongs to which tensor is all the same to them. Unnamed
/// namespace: see kernels.hpp.

#include "09_fast_training/fast/kernels.hpp"
#include "09_fast_training/fast/vectors.hpp"

namespace ladder {
namespace {

/// As adam.hpp's formulas say; `size` is a multiple of 16.
template <class Number, Variant variant>
[[gnu::noinline]] void adam_update(Number* parameters, const Number* gradient, Number* m, Number* v,
                                   std::size_t size, const AdamStep& step) {
  using V = Vector<Number>;
  constexpr std::size_t n = lanes_of<Number>;
  const Number beta1 = Number(step.beta1), beta2 = Number(step.beta2);
  const Number rest1 = Number(1 - step.beta1), rest2 = Number(1 - step.beta2);
  const Number rate = Number(step.lr * step.m_scale);
  const Number root_scale = Number(__builtin_sqrt(step.v_scale));
  const Number epsilon = Number(step.epsilon);
  const auto mean = [&](std::size_t i) __attribute__((always_inline)) {
    return beta1 * load_vector(m + i) + rest1 * load_vector(gradient + i);
  };
  const auto square = [&](std::size_t i) __attribute__((always_inline)) {
    const V g = load_vector(gradient + i);
    return beta2 * load_vector(v + i) + rest2 * (g * g);
  };
  const auto move = [&](std::size_t i, V new_m, V new_v) __attribute__((always_inline)) {
    const V by = over_root<variant.fast_adam, Number>(new_m, new_v, root_scale, epsilon);
    store_vector<Number>(parameters + i, load_vector(parameters + i) - rate * by);
  };
  if constexpr (variant.split_adam) {
    for (std::size_t i = 0; i < size; i += n) store_vector<Number>(m + i, mean(i));
    for (std::size_t i = 0; i < size; i += n) store_vector<Number>(v + i, square(i));
    for (std::size_t i = 0; i < size; i += n) move(i, load_vector(m + i), load_vector(v + i));
  } else {
    for (std::size_t i = 0; i < size; i += n) {
      const V new_m = mean(i), new_v = square(i);
      store_vector<Number>(m + i, new_m);
      store_vector<Number>(v + i, new_v);
      move(i, new_m, new_v);
    }
  }
}

/// parameters -= lr · gradient.
template <class Number>
[[gnu::always_inline]] inline void sgd_update(Number* parameters, const Number* gradient,
                                              std::size_t size, double lr) {
  const Number rate = Number(lr);
  for (std::size_t i = 0; i < size; i += lanes_of<Number>) {
    store_vector<Number>(parameters + i,
                         load_vector(parameters + i) - rate * load_vector(gradient + i));
  }
}

}  // namespace
}  // namespace ladder
