#pragma once
/// \file
/// A whole GPT on the scalar tape, number by number, as microgpt.py writes it. The tape does not
/// care what it differentiates: this is here to show that, to time it, and to be the plainest judge
/// of the quicker forms to come. What the lines mean is the matter of stages 04 to 06.

#include <string>
#include <vector>

#include "03_autograd/scalar_tape.hpp"

namespace ladder {

using Values = std::vector<Value>;        ///< a vector of numbers on a tape
using ValueMatrix = std::vector<Values>;  ///< [out][in]

/// microgpt.py's model (Karpathy, 2026): one layer of width 16 (or another multiple of 4), four
/// heads, a block of 16 positions.
class ScalarMicroGpt {
 public:
  static constexpr int n_embd = 16;      ///< width of the residual stream, unless said otherwise
  static constexpr int n_head = 4;       ///< attention heads
  static constexpr int block_size = 16;  ///< positions

  /// Makes the parameters as leaves of the tape, in microgpt.py's order: wte, wpe, lm_head,
  /// attn_wq, attn_wk, attn_wv, attn_wo, mlp_fc1, mlp_fc2; each row by row. \param draw  gives the
  /// initial value of the next parameter
  template <class Draw>
  ScalarMicroGpt(ScalarTape& tape, int vocab_size, Draw&& draw, int width = n_embd) {
    const auto matrix = [&](int rows, int columns) {
      ValueMatrix result(static_cast<std::size_t>(rows));
      for (Values& row : result) {
        for (int i = 0; i < columns; ++i) row.push_back(tape.leaf(draw()));
      }
      return result;
    };
    wte_ = matrix(vocab_size, width);
    wpe_ = matrix(block_size, width);
    lm_head_ = matrix(vocab_size, width);
    attn_wq_ = matrix(width, width);
    attn_wk_ = matrix(width, width);
    attn_wv_ = matrix(width, width);
    attn_wo_ = matrix(width, width);
    mlp_fc1_ = matrix(4 * width, width);
    mlp_fc2_ = matrix(width, 4 * width);
    parameter_count_ = tape.size();
  }

  /// The parameters are the tape's first leaves.
  std::size_t parameter_count() const { return parameter_count_; }

  /// Forgets the positions seen so far: a new name begins.
  void begin_name();

  /// Logits of the token after `token` at position `position`, shape (vocab_size). Positions come
  /// in order from 0, for keys and values of the earlier ones are remembered.
  Values logits(int token, int position);

  /// Mean NLL of a name's tokens and its end, at most block_size of them; `bos` begins and ends it.
  Value loss(const std::vector<int>& name, int bos);

 private:
  Values attention(const Values& x);

  ValueMatrix wte_, wpe_, lm_head_, attn_wq_, attn_wk_, attn_wv_, attn_wo_, mlp_fc1_, mlp_fc2_;
  ValueMatrix keys_, values_;  // [position][n_embd]
  std::size_t parameter_count_ = 0;
};

/// exp(x) / Σ exp(x), the largest subtracted first so that nothing overflows.
Values softmax(const Values& logits);

}  // namespace ladder
