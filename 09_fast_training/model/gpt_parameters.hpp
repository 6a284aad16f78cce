#pragma once
/// \file
/// The parameters of a GPT of any width: one flat array of numbers, gpt_shape.hpp says of what.

#include <span>
#include <vector>

#include "05_gpt_sgd/gpt.hpp"
#include "09_fast_training/model/gpt_shape.hpp"
#include "common/safetensors.hpp"

namespace ladder {

/// A model's numbers in double precision: what trainers of all precisions are given and give back.
struct GptParameters {
  GptShape shape;              ///< says what lies where
  std::vector<double> values;  ///< (TensorOffsets::size)

  /// Zeros.
  /// \throws Error if the width is not one of `gpt_widths`
  explicit GptParameters(const GptShape& shape);

  /// The numbers of one tensor.
  std::span<double> part(const NamedTensor& tensor) {
    return std::span(values).subspan(tensor.offset, tensor.size());
  }
  /// The same to look at.
  std::span<const double> part(const NamedTensor& tensor) const {
    return std::span(values).subspan(tensor.offset, tensor.size());
  }
};

/// Weights in microgpt.py's order, as Gpt draws them; gains are 1.
GptParameters draw_parameters(const GptShape& shape, const Gpt::Draw& draw);
/// Weights from N(0, 0.08²): the ones that Gpt has after the same seed.
GptParameters draw_parameters(const GptShape& shape, Random random);

/// The numbers of stage 06's model (four heads, width 16).
GptParameters parameters_of(Gpt& gpt);
/// Its gradients, after MatrixTape::backward(), in the same places.
GptParameters gradient_of(Gpt& gpt);

/// Rounded to float, under microgpt.py's names: at width 16, stages 06, 07 and 08 read them.
Weights to_weights(const GptParameters& parameters);
/// The model in these weights.
/// \throws Error if a tensor is missing or has another shape than a model of this stage
GptParameters parameters_from_weights(const Weights& weights);

}  // namespace ladder
