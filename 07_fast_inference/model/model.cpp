#include "07_fast_inference/model/model.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "07_fast_inference/model/gains.hpp"
#include "common/error.hpp"
#include "common/random.hpp"
#include "common/terminal.hpp"
#include "common/utf8.hpp"

namespace ladder {
namespace {

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

// The gains, and the matrices that read what they scale: f(name, matrix).
template <class Model, class F>
void for_each_gain(Model& model, F&& f) {
  f("layer0.attn_norm", model.attn_wq);
  f("layer0.attn_norm", model.attn_wk);
  f("layer0.attn_norm", model.attn_wv);
  f("layer0.mlp_norm", model.mlp_fc1);
  f("final_norm", model.lm_head);
}

constexpr const char* advice = "this stage runs what 06_gpt_adam trains on names of a to z";

void check_finite(const char* name, std::span<const float> values) {
  for (const float value : values) {
    if (!std::isfinite(value)) throw Error(fmt::format("{} holds a number that is none", name));
  }
}

template <std::size_t rows>
void fold(const char* name, const std::vector<float>& gain, float (&weights)[rows][n_embd]) {
  check_finite(name, gain);
  if (!fold_gain(std::span<const float, n_embd>(gain), weights)) {
    throw Error(fmt::format("{} and the weights it scales are too large for a float", name));
  }
}

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
  std::set<std::string> known;
  for_each_tensor(model, [&](const char* name, std::size_t rows, std::size_t columns, float* out) {
    const Tensor& tensor = weights.get(name, {rows, columns});
    check_finite(name, tensor.values);
    std::copy(tensor.values.begin(), tensor.values.end(), out);
    known.insert(name);
  });
  for_each_gain(model, [&](const char* name, auto&) {
    model.final_norm |= weights.tensors.contains(name);
    known.insert(name);
  });
  for (const auto& [name, tensor] : weights.tensors) {
    if (!known.contains(name)) {
      throw Error(
          fmt::format("'{}' is no part of this model; {}", shortened(printable(name), 40), advice));
    }
  }
  if (!model.final_norm) return model;
  for_each_gain(model, [&](const char* name, auto& matrix) {
    if (!weights.tensors.contains(name)) {
      throw Error(fmt::format("the weights have gains, but no '{}'; {}", name, advice));
    }
    fold(name, weights.get(name, {n_embd}).values, matrix);
  });
  return model;
}

Weights to_weights(const MicroGpt& model) {
  Weights weights;
  for_each_tensor(model,
                  [&](const char* name, std::size_t rows, std::size_t columns, const float* in) {
                    weights.tensors[name] = {{rows, columns}, {in, in + rows * columns}};
                  });
  if (model.final_norm) {
    for_each_gain(model, [&](const char* name, const auto&) {
      weights.tensors[name] = {{n_embd}, std::vector<float>(n_embd, 1.0f)};
    });
  }
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

MicroGpt random_model(unsigned seed, float sigma, bool final_norm) {
  Random random(seed);
  MicroGpt model;
  model.final_norm = final_norm;
  for_each_tensor(model, [&](const char*, int rows, int columns, float* out) {
    for (int i = 0; i < rows * columns; ++i) out[i] = sigma * static_cast<float>(random.normal());
  });
  return model;
}

}  // namespace ladder
