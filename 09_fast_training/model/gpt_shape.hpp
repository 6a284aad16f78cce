#pragma once
/// \file
/// A GPT of any width as one flat array of numbers: how many, and names for its parts.

#include <cstddef>
#include <string>
#include <vector>

namespace ladder {

/// What varies between the GPTs that this stage trains; the rest is as in stages 05 and 06.
struct GptShape {
  static constexpr int n_head = 4;       ///< attention heads, n_embd / 4 wide each
  static constexpr int block_size = 16;  ///< positions

  int n_embd = 16;      ///< width of the residual stream: 16, 32, 64 or 128
  int vocab_size = 27;  ///< letters and BOS
  bool gains = true;    ///< as GptConfig::gains; false is microgpt.py's variant

  int n_hidden() const { return 4 * n_embd; }        ///< width of the MLP
  int head_dim() const { return n_embd / n_head; }   ///< width of a head
  int bos() const { return vocab_size - 1; }         ///< the token that begins and ends a name
  bool operator==(const GptShape&) const = default;  ///< the same model, whatever its weights
};

/// The widths that are compiled.
inline constexpr int gpt_widths[] = {16, 32, 64, 128};

/// Where a tensor of the state dict lies in the flat array, row by row.
struct NamedTensor {
  std::string name;     ///< as in the weights file
  std::size_t offset;   ///< of its first number
  std::size_t rows;     ///< out; a gain has one row
  std::size_t columns;  ///< in

  std::size_t size() const { return rows * columns; }  ///< numbers in it
};

/// The same for the tensors that code asks for by name. Rows are (out, in); queries, keys and
/// values lie one below the other, so that one product makes all three of them.
struct TensorOffsets {
  std::size_t wte,  ///< (vocab_size, n_embd)
      wpe,          ///< (block_size, n_embd)
      attn_wq,      ///< (n_embd, n_embd)
      attn_wk,      ///< (n_embd, n_embd)
      attn_wv,      ///< (n_embd, n_embd)
      attn_wo,      ///< (n_embd, n_embd)
      mlp_fc1,      ///< (4 n_embd, n_embd)
      mlp_fc2,      ///< (n_embd, 4 n_embd)
      attn_norm,    ///< (n_embd); without gains of size 0, as are the next two
      mlp_norm,     ///< (n_embd)
      final_norm,   ///< (n_embd)
      lm_head,      ///< (vocab_size, n_embd), last: a fast version appends rows of zeros
      size;         ///< of the array: the number of parameters
  /// Of a model of this shape.
  explicit TensorOffsets(const GptShape& shape);
};

/// All tensors of such a model, in the order in which microgpt.py draws them; gains last.
std::vector<NamedTensor> named_tensors(const GptShape& shape);

/// Sets numbers drawn in microgpt.py's order, tensor by tensor; gains are 1.
/// \param draw  gives the next one. \param set  is called with an offset and its number
template <class Draw, class Set>
void draw_numbers(const GptShape& shape, Draw&& draw, Set&& set) {
  for (const NamedTensor& tensor : named_tensors(shape)) {
    for (std::size_t i = 0; i < tensor.size(); ++i) {
      set(tensor.offset + i, tensor.rows == 1 ? 1.0 : draw());
    }
  }
}

/// Of the first weights, N(0, 0.08²), as microgpt.py has it.
inline constexpr double first_std = 0.08;

}  // namespace ladder
