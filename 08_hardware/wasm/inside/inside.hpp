#pragma once
/// \file
/// Everything that microGPT computes for one name, forwards and backwards: the model and the tape
/// of stages 03 to 06 as they are, with names for what lies on the tape.

#include <string>
#include <vector>

#include "05_gpt_sgd/gpt.hpp"

namespace ladder {

/// One matrix of the calculation, a row for each position of the name.
struct Look {
  std::string name;  ///< `token`, `position`, `sum`, `x0`, `norm1`, `q`, … (see Inside::look())
  Matrix value;      ///< (T, width)
  Matrix gradient;   ///< d loss / d value, same shape
};

/// A model, and what it computed for a name.
class Inside {
 public:
  /// microgpt.py's model, 4,192 parameters; whoever made it fills in the weights.
  Inside();

  /// Runs a name through the model, and its loss backwards.
  ///
  /// With T positions (BOS, then the letters), in the order of the calculation:
  ///
  ///     token, position, sum          (T, 16)  sum = token + position
  ///     x0                            (T, 16)  rmsnorm(sum)
  ///     norm1, q, k, v                (T, 16)  rmsnorm(x0), and its products
  ///     scores0 … 3, weights0 … 3     (T, T)   of each head; a score beyond the row's position is
  ///     -∞ attended, attn_out, x1        (T, 16)  x1 = x0 + attn_out norm2, fc1, hidden (T, 16),
  ///     (T, 64), (T, 64)  hidden = max(fc1, 0) mlp_out, x2                   (T, 16)  x2 = x1 +
  ///     mlp_out logits, probabilities         (T, 27)
  ///
  /// \param name  at most 15 letters, tokens 0 to 25
  void look(const Tokens& name);

  const std::vector<Look>& looks() const { return looks_; }  ///< of the last look(), in that order
  double loss() const { return loss_; }                      ///< mean NLL of its T predictions
  Gpt& gpt() { return gpt_; }  ///< its parameters, and after look() their gradients

 private:
  void add(const std::string& name, Var var);
  void add_heads(Var attended);
  void add_probabilities(const Matrix& logits, std::span<const int> targets);

  Gpt gpt_;
  MatrixTape tape_;
  std::vector<Look> looks_;
  double loss_ = 0;
};

}  // namespace ladder
