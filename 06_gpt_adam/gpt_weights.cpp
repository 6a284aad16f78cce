#include "06_gpt_adam/gpt_weights.hpp"

#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/files.hpp"

namespace ladder {
namespace {

int n_head_of(const Weights& weights) {
  const auto entry = weights.metadata.find("n_head");
  if (entry == weights.metadata.end()) return 4;  // microgpt.py's
  const std::string& text = entry->second;
  int n_head = 0;
  std::from_chars(text.data(), text.data() + text.size(), n_head);
  if (n_head < 1 || Gpt::n_embd % n_head != 0) {
    throw Error(
        fmt::format("the weights say n_head {}, and that does not divide {}", text, Gpt::n_embd));
  }
  return n_head;
}

std::vector<std::size_t> shape_of(const Parameter& parameter) {
  const auto columns = static_cast<std::size_t>(parameter.value.cols());
  if (parameter.value.rows() == 1) return {columns};  // a gain is a vector
  return {static_cast<std::size_t>(parameter.value.rows()), columns};
}

}  // namespace

Weights to_weights(Gpt& gpt) {
  Weights weights;
  for (const Parameter* parameter : gpt.parameters()) {
    Tensor tensor{shape_of(*parameter), {}};
    for (const double number : parameter->value.reshaped<Eigen::RowMajor>()) {
      tensor.values.push_back(static_cast<float>(number));
    }
    weights.tensors[parameter->name] = std::move(tensor);
  }
  weights.metadata = {{"format", "pt"},  // row-major, as PyTorch stores it
                      {"model", gpt.config().gains ? "gpt with gains" : "microgpt"},
                      {"n_head", std::to_string(gpt.config().n_head)},
                      {"n_embd", std::to_string(gpt.config().n_embd)},
                      {"block_size", std::to_string(Gpt::block_size)}};
  return weights;
}

Gpt gpt_from_weights(const Weights& weights) {
  const auto wte = weights.tensors.find("wte");
  if (wte == weights.tensors.end() || wte->second.shape.size() != 2) {
    throw Error("the weights have no matrix 'wte'; are they a GPT's?");
  }
  const std::size_t vocab_size = wte->second.shape[0];
  if (vocab_size < 2 || vocab_size > 256) {
    throw Error(
        fmt::format("the weights are for {} symbols, and 2 to 256 can be used", vocab_size));
  }
  const GptConfig config{.vocab_size = static_cast<int>(vocab_size),
                         .n_head = n_head_of(weights),
                         .gains = weights.tensors.contains("final_norm")};
  Gpt gpt(config, [] { return 0.0; });
  for (Parameter* parameter : gpt.parameters()) {
    const Tensor& tensor = weights.get(parameter->name, shape_of(*parameter));
    std::copy(tensor.values.begin(), tensor.values.end(), parameter->value.data());
  }
  return gpt;
}

std::vector<std::string> golden_names() {
  return {"",       "a",     "kamon",  "ann",           "karai",           "jaire",
          "vialan", "emma",  "olivia", "christopher",   "maximilian",      "quincy",
          "xavier", "wyatt", "zzzzz",  "abcdefghijklm", "nopqrstuvwxyzab", "zyxwvutsrqponml"};
}

void check_golden_alphabet(const Tokenizer& tokenizer) {
  if (tokenizer == Tokenizer::canonical()) return;
  throw Error(
      fmt::format("golden logits are for the letters a to z, and this corpus has {} "
                  "symbols; leave --golden out",
                  tokenizer.vocab_size() - 1));
}

void write_golden_logits(const std::string& path, Gpt& gpt) {
  const Tokenizer tokenizer = Tokenizer::canonical();
  nlohmann::json names = nlohmann::json::array();
  for (const std::string& name : golden_names()) {
    MatrixTape tape;
    const Tokens tokens = tokenizer.encode(name);
    const Tokens* const batch[] = {&tokens};
    const Matrix logits = gpt.forward(tape, pack_names(batch, gpt.bos())).logits.data();
    nlohmann::json rows = nlohmann::json::array();
    for (const auto& row : logits.rowwise()) {
      rows.push_back(std::vector<double>(row.begin(), row.end()));
    }
    names.push_back({{"name", name}, {"logits", rows}});
  }
  write_file(path, nlohmann::json{{"names", names}}.dump() + "\n");
}

}  // namespace ladder
