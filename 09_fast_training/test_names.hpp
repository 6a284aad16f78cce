#pragma once
/// \file
/// Names and parameters that the tests of this stage share.

#include <cmath>
#include <string>
#include <vector>

#include "09_fast_training/trainer.hpp"
#include "common/largest.hpp"

namespace ladder {

/// Ragged: lengths 0, 1 and 15, beginnings in common, a name twice, one that another begins with.
inline const std::vector<Tokens> ragged_names = {
    {0},
    {4, 12, 12, 0},
    {4, 12, 8},
    {25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11},
    {4, 12, 12, 0},
    {},
    {0, 13, 13},
    {4, 12, 12},
    {17, 3, 3, 3, 3, 3, 3, 9},
    {0, 13}};

/// As a batch.
inline std::vector<const Tokens*> pointers_to(const std::vector<Tokens>& names) {
  std::vector<const Tokens*> result;
  for (const Tokens& name : names) result.push_back(&name);
  return result;
}

/// Packed.
inline PackedBatch packed(const std::vector<Tokens>& names, int bos = 26,
                          Packing packing = Packing::names) {
  PackedBatch batch;
  batch.pack(pointers_to(names), bos, packing);
  return batch;
}

/// Weights large enough that no gradient is tiny, and gains that are not 1.
inline GptParameters random_parameters(const GptShape& shape, std::uint64_t seed) {
  Random random(seed);
  GptParameters parameters(shape);
  for (const NamedTensor& tensor : named_tensors(shape)) {
    const double std = 1.2 / std::sqrt(static_cast<double>(tensor.columns));
    for (double& number : parameters.part(tensor)) {
      number = tensor.rows == 1 ? 1 + 0.3 * random.normal() : std * random.normal();
    }
  }
  return parameters;
}

/// Of all tensors: largest |a - b| as a part of the tensor's largest |b|; NaN if there is one. (A
/// tensor that learns nothing from a batch, as queries and keys from one row, has a gradient of
/// rounding errors: that is held against the largest of all.)
inline double largest_relative(const GptParameters& a, const GptParameters& b) {
  if (a.shape != b.shape) return HUGE_VAL;
  const std::vector<double> zeros(b.values.size());
  const auto size_of = [&](std::span<const double> part) {
    return largest_difference(part, std::span(zeros).first(part.size()));
  };
  const double all = size_of(b.values);
  double largest = 0;
  for (const NamedTensor& tensor : named_tensors(a.shape)) {
    const double part = size_of(b.part(tensor));
    const double error = largest_difference(a.part(tensor), b.part(tensor));
    largest = larger_or_nan(largest, error / (part < 1e-10 * all ? all : part));
  }
  return largest;
}

/// Loss and gradient of one batch.
struct Gradient {
  double loss;          ///< nats a prediction
  GptParameters parts;  ///< of each parameter
};

/// Of this batch.
inline Gradient gradient_by(Trainer& trainer, const PackedBatch& batch) {
  const double loss = trainer.loss_and_gradient(batch);
  return {loss, trainer.gradient()};
}

}  // namespace ladder
