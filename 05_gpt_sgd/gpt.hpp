#pragma once
/// \file
/// A GPT of one layer, 16 wide: the model that all later stages run.

#include <functional>
#include <vector>

#include "04_mlp/training.hpp"
#include "05_gpt_sgd/attention.hpp"
#include "common/sampling.hpp"

namespace ladder {

/// What varies between the GPTs of the ladder.
struct GptConfig {
  int vocab_size = 27;  ///< letters and BOS
  int n_head = 1;       ///< attention heads, which share the width: n_embd / n_head each

  /// true: 4,240 parameters; each RMSNorm has a learnt gain, and one stands before lm_head.
  /// false: microgpt.py's 4,192; no gains, and the norm stands after the embeddings instead.
  bool gains = true;

  int n_embd = 16;  ///< width of the residual stream; what stages 05 to 08 use, is 16
};

/// Names packed one below the other, as the model reads them: BOS and the letters go in, the
/// letters and BOS (the end) are to be predicted.
struct PackedNames {
  std::vector<int> tokens,  ///< (P) what is read at each position, BOS first
      positions,            ///< (P) from 0 in each name
      targets;              ///< one each a position, P in all
  std::vector<int> starts;  ///< the first position of each name, and P
};

/// One layer of causal self-attention and an MLP (Radford et al., 2019) in the shape of microgpt.py
/// (Karpathy, 2026), on the matrix tape.
class Gpt {
 public:
  static constexpr int n_embd = 16;      ///< width of the residual stream, unless said otherwise
  static constexpr int block_size = 16;  ///< positions

  /// The next random number of a stream that gives the weights.
  using Draw = std::function<double()>;

  /// Draws the weights in microgpt.py's order: wte, wpe, lm_head, attn_wq, attn_wk, attn_wv,
  /// attn_wo, mlp_fc1, mlp_fc2, each row by row. Gains start as 1.
  Gpt(const GptConfig& config, const Draw& draw);

  /// Weights from N(0, 0.08²).
  Gpt(const GptConfig& config, Random random);

  /// What came out, and what attention() made on the way (attention_weights() shows it).
  struct Forward {
    Var logits;    ///< (P, vocab_size): of the token after each position
    Var attended;  ///< (P, n_embd)
  };

  /// Runs names through the model, all their positions at once.
  Forward forward(MatrixTape& tape, const PackedNames& names);

  /// Mean NLL of the batch's predictions, a (1, 1) matrix.
  Var loss(MatrixTape& tape, Batch names);

  /// Mean NLL of these names, nats a character.
  double nll(const std::vector<Tokens>& names);

  /// For sampling: runs the name so far through the model and keeps the last row.
  NextLogits next_logits();

  /// What is learnt, in the order in which the weights are drawn; gains last, if there are any.
  std::vector<Parameter*> parameters();
  const GptConfig& config() const { return config_; }  ///< as it was made
  int bos() const { return config_.vocab_size - 1; }   ///< the token that begins and ends a name

  // Shapes are (out, in).
  Parameter wte;        ///< (vocab_size, n_embd)
  Parameter wpe;        ///< (block_size, n_embd)
  Parameter lm_head;    ///< (vocab_size, n_embd)
  Parameter attn_wq,    ///< (n_embd, n_embd), queries; a head has n_embd / n_head rows
      attn_wk,          ///< (n_embd, n_embd), keys; likewise
      attn_wv,          ///< (n_embd, n_embd), values; likewise
      attn_wo;          ///< (n_embd, n_embd), mixes the heads
  Parameter mlp_fc1;    ///< (4 n_embd, n_embd)
  Parameter mlp_fc2;    ///< (n_embd, 4 n_embd)
  Parameter attn_norm,  ///< (1, n_embd), unused without gains
      mlp_norm,         ///< (1, n_embd), unused without gains
      final_norm;       ///< (1, n_embd), unused without gains

 private:
  Var norm(Var x, Parameter& gain);

  GptConfig config_;
};

/// Packs names; of one longer than block_size - 1 letters only the first block_size predictions.
PackedNames pack_names(Batch names, int bos);

/// The recipe of stage 05: plain SGD.
inline constexpr TrainingPlan gpt_sgd_plan = {
    .steps = 66'000, .batch_size = 16, .lr = 0.5, .seed = 42};

}  // namespace ladder
