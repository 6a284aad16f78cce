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

TensorOffsets::TensorOffsets(const GptShape& shape) {
  const auto d = static_cast<std::size_t>(shape.n_embd);
  const auto vocab = static_cast<std::size_t>(shape.vocab_size);
  std::size_t next = 0;
  const auto place = [&next](std::size_t numbers) {
    next += numbers;
    return next - numbers;
  };
  wte = place(vocab * d);
  wpe = place(GptShape::block_size * d);
  attn_wq = place(d * d);
  attn_wk = place(d * d);
  attn_wv = place(d * d);
  attn_wo = place(d * d);
  mlp_fc1 = place(4 * d * d);
  mlp_fc2 = place(4 * d * d);
  const std::size_t gain = shape.gains ? d : 0;
  attn_norm = place(gain);
  mlp_norm = place(gain);
  final_norm = place(gain);
  lm_head = place(vocab * d);
  size = next;
}

std::vector<NamedTensor> named_tensors(const GptShape& shape) {
  const TensorOffsets at(shape);
  const auto d = static_cast<std::size_t>(shape.n_embd);
  const auto vocab = static_cast<std::size_t>(shape.vocab_size);
  std::vector<NamedTensor> tensors = {{"wte", at.wte, vocab, d},
                                      {"wpe", at.wpe, GptShape::block_size, d},
                                      {"lm_head", at.lm_head, vocab, d},
                                      {"layer0.attn_wq", at.attn_wq, d, d},
                                      {"layer0.attn_wk", at.attn_wk, d, d},
                                      {"layer0.attn_wv", at.attn_wv, d, d},
                                      {"layer0.attn_wo", at.attn_wo, d, d},
                                      {"layer0.mlp_fc1", at.mlp_fc1, 4 * d, d},
                                      {"layer0.mlp_fc2", at.mlp_fc2, d, 4 * d}};
  if (shape.gains) {
    tensors.push_back({"layer0.attn_norm", at.attn_norm, 1, d});
    tensors.push_back({"layer0.mlp_norm", at.mlp_norm, 1, d});
    tensors.push_back({"final_norm", at.final_norm, 1, d});
  }
  return tensors;
}

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
  for (const NamedTensor& tensor : named_tensors(shape)) {
    for (double& number : parameters.part(tensor)) number = tensor.rows == 1 ? 1 : draw();
  }
  return parameters;
}

GptParameters draw_parameters(const GptShape& shape, Random random) {
  return draw_parameters(shape, [&random] { return 0.08 * random.normal(); });
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
