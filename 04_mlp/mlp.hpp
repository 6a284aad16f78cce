#pragma once
/// \file
/// A multilayer perceptron that predicts a letter from the three before it (Bengio et al., 2003).

#include <vector>

#include "04_mlp/layers.hpp"
#include "04_mlp/training.hpp"
#include "common/dataset.hpp"
#include "common/random.hpp"

namespace ladder {

/// Embedding, hidden layer, logits: 4,009 parameters for 27 symbols.
class Mlp {
 public:
  static constexpr int context_size = 3;  ///< letters that it sees
  static constexpr int n_embd = 10;       ///< width of a letter's vector
  static constexpr int n_hidden = 64;     ///< width of the hidden layer

  /// Random weights, scaled so that at the start no tanh is saturated and no letter is favoured.
  Mlp(int vocab_size, Random random);

  /// Logits of the letter after each context, (n, vocab_size).
  /// \param contexts  n times context_size tokens, oldest first
  Var logits(MatrixTape& tape, std::span<const int> contexts);

  /// All five of them, where they are in this object.
  std::vector<Parameter*> parameters() {
    return {&wte, &hidden_w, &hidden_b, &output_w, &output_b};
  }

  Parameter wte;       ///< (vocab_size, n_embd)
  Parameter hidden_w,  ///< (n_hidden, context_size n_embd)
      hidden_b;        ///< (1, n_hidden)
  Parameter output_w,  ///< (vocab_size, n_hidden)
      output_b;        ///< (1, vocab_size)
};

/// The recipe: 70 epochs of plain SGD.
inline constexpr TrainingPlan mlp_plan = {
    .steps = 500'000, .batch_size = 32, .lr = 0.3, .seed = 42};

/// Every letter of these names, and their ends, as an example to learn from: context_size tokens
/// and the target. Before its first letter a name is preceded by BOS, as often as the context asks.
std::vector<Tokens> make_examples(const std::vector<Tokens>& names, int bos);

/// The context of the letter that comes after these.
Tokens context_after(std::span<const int> so_far, int bos);

/// Mean NLL of a batch of examples, a (1, 1) matrix, nats a character.
Var mlp_loss(Mlp& mlp, MatrixTape& tape, std::span<const Tokens* const> examples);

/// Mean NLL of these examples, nats a character.
double mlp_nll(Mlp& mlp, const std::vector<Tokens>& examples);

}  // namespace ladder
