#include "09_fast_training/model/gpt_parameters.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "common/error.hpp"

namespace ladder {
namespace {

std::vector<std::size_t> file_shape(const NamedTensor& tensor) {
  if (tensor.rows == 1) return {tensor.columns};  // a gain is a vector
  return {tensor.rows, tensor.columns};
}

// Copies `from(parameter)`, a matrix, for every tensor of the tape's model.
template <class From>
GptParameters copy_from(Gpt& gpt, From&& from) {
  if (gpt.config().n_head != GptShape::n_head) {
    throw Error(fmt::format("this model has n_head {}, and stage 09 trains models with {}",
                            gpt.config().n_head, GptShape::n_head));
  }
  GptParameters result(
      {.n_embd = Gpt::n_embd, .vocab_size = gpt.config().vocab_size, .gains = gpt.config().gains});
  const std::vector<NamedTensor> tensors = named_tensors(result.shape);
  const std::vector<Parameter*> parameters = gpt.parameters();
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto numbers = from(*parameters[i]).template reshaped<Eigen::RowMajor>();
    std::copy(numbers.begin(), numbers.end(), result.part(tensors[i]).begin());
  }
  return result;
}

}  // namespace

GptParameters::GptParameters(const GptShape& shape)
    : shape(shape), values(TensorOffsets(shape).size) {
  if (std::find(std::begin(gpt_widths), std::end(gpt_widths), shape.n_embd) ==
      std::end(gpt_widths)) {
    throw Error(fmt::format("a width of {} is not compiled; take one of {}", shape.n_embd,
                            fmt::join(gpt_widths, ", ")));
  }
}

GptParameters draw_parameters(const GptShape& shape, const Gpt::Draw& draw) {
  GptParameters parameters(shape);
  draw_numbers(shape, draw, [&](std::size_t at, double number) { parameters.values[at] = number; });
  return parameters;
}

GptParameters draw_parameters(const GptShape& shape, Random random) {
  return draw_parameters(shape, [&random] { return first_std * random.normal(); });
}

GptParameters parameters_of(Gpt& gpt) {
  return copy_from(gpt, [](Parameter& parameter) -> Matrix& { return parameter.value; });
}

GptParameters gradient_of(Gpt& gpt) {
  return copy_from(gpt, [](Parameter& parameter) -> Matrix& { return parameter.grad; });
}

Weights to_weights(const GptParameters& parameters) {
  Weights weights;
  for (const NamedTensor& tensor : named_tensors(parameters.shape)) {
    const auto numbers = parameters.part(tensor);
    weights.tensors[tensor.name] = {file_shape(tensor), {numbers.begin(), numbers.end()}};
  }
  weights.metadata = {{"format", "pt"},  // row-major, as PyTorch stores it
                      {"model", parameters.shape.gains ? "gpt with gains" : "microgpt"},
                      {"n_head", std::to_string(GptShape::n_head)},
                      {"n_embd", std::to_string(parameters.shape.n_embd)},
                      {"block_size", std::to_string(GptShape::block_size)}};
  return weights;
}

GptParameters parameters_from_weights(const Weights& weights) {
  const auto wte = weights.tensors.find("wte");
  if (wte == weights.tensors.end() || wte->second.shape.size() != 2) {
    throw Error("the weights have no matrix 'wte'; are they a GPT's?");
  }
  const auto [rows, columns] = std::pair(wte->second.shape[0], wte->second.shape[1]);
  if (rows < 2 || rows > 256 || columns > 4096) {
    throw Error(
        fmt::format("the weights are for {} symbols, {} wide; stage 09 knows 2 to 256 "
                    "symbols and the widths {}",
                    rows, columns, fmt::join(gpt_widths, ", ")));
  }
  GptParameters parameters({.n_embd = static_cast<int>(columns),
                            .vocab_size = static_cast<int>(rows),
                            .gains = weights.tensors.contains("final_norm")});
  for (const NamedTensor& tensor : named_tensors(parameters.shape)) {
    const Tensor& from = weights.get(tensor.name, file_shape(tensor));
    std::copy(from.values.begin(), from.values.end(), parameters.part(tensor).begin());
  }
  return parameters;
}

}  // namespace ladder
