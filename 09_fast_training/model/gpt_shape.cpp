#include "09_fast_training/model/gpt_shape.hpp"

namespace ladder {

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

}  // namespace ladder
