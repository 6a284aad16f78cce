#include "07_fast_inference/model/model.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "common/error.hpp"
#include "common/random.hpp"

namespace ladder {
namespace {

constexpr std::size_t tensor_count = 9;

// The one list of what is called what: f(name, rows, columns, first number).
template <class Model, class F>
void for_each_tensor(Model& model, F&& f) {
  f("wte", vocab_size, n_embd, model.wte[0]);
  f("wpe", block_size, n_embd, model.wpe[0]);
  f("layer0.attn_wq", n_embd, n_embd, model.attn_wq[0]);
  f("layer0.attn_wk", n_embd, n_embd, model.attn_wk[0]);
  f("layer0.attn_wv", n_embd, n_embd, model.attn_wv[0]);
  f("layer0.attn_wo", n_embd, n_embd, model.attn_wo[0]);
  f("layer0.mlp_fc1", n_hidden, n_embd, model.mlp_fc1[0]);
  f("layer0.mlp_fc2", n_embd, n_hidden, model.mlp_fc2[0]);
  f("lm_head", vocab_size, n_embd, model.lm_head[0]);
}

constexpr const char* advice =
    "this stage runs the reference model only; 06_gpt_adam --microgpt writes weights of that shape";

}  // namespace

MicroGpt read_model(const Weights& weights) {
  const auto wte = weights.tensors.find("wte");
  if (wte != weights.tensors.end() && wte->second.shape.size() == 2 &&
      wte->second.shape[0] != vocab_size) {
    throw Error(
        fmt::format("the weights speak an alphabet of {} symbols, not the {} of a–z and BOS; {}",
                    wte->second.shape[0], vocab_size, advice));
  }
  const auto heads = weights.metadata.find("n_head");
  if (heads != weights.metadata.end() && heads->second != std::to_string(n_head)) {
    throw Error(
        fmt::format("the weights are for {} heads, not {}; {}", heads->second, n_head, advice));
  }
  MicroGpt model;
  std::size_t known = 0;
  for_each_tensor(model, [&](const char* name, std::size_t rows, std::size_t columns, float* out) {
    const Tensor& tensor = weights.get(name, {rows, columns});
    for (const float value : tensor.values) {
      if (!std::isfinite(value)) throw Error(fmt::format("{} holds a number that is none", name));
    }
    std::copy(tensor.values.begin(), tensor.values.end(), out);
    ++known;
  });
  if (weights.tensors.size() != known) {
    throw Error(fmt::format("the weights have {} tensors, the reference model {}; {}",
                            weights.tensors.size(), tensor_count, advice));
  }
  return model;
}

Weights to_weights(const MicroGpt& model) {
  Weights weights;
  for_each_tensor(model,
                  [&](const char* name, std::size_t rows, std::size_t columns, const float* in) {
                    weights.tensors[name] = {{rows, columns}, {in, in + rows * columns}};
                  });
  return weights;
}

float safe_squares(const MicroGpt& model, float factor) {
  float longest = 0;  // squared, as are the others
  for (const auto& row : model.lm_head) {
    float squares = 0;
    for (const float weight : row) squares += weight * weight;
    longest = std::max(longest, squares);
  }
  return 100.0f * 100.0f / (factor * factor * longest);
}

MicroGpt random_model(unsigned seed, float sigma) {
  Random random(seed);
  MicroGpt model;
  for_each_tensor(model, [&](const char*, int rows, int columns, float* out) {
    for (int i = 0; i < rows * columns; ++i) out[i] = sigma * static_cast<float>(random.normal());
  });
  return model;
}

}  // namespace ladder
