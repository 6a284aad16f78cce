#pragma once
/// \file
/// microGPT and Adam on either tape, a step at a time: the two sides that are compared, to the last
/// digit (replay.hpp) and by the clock (bench.hpp).

#include "03_autograd/scalar_microgpt.hpp"
#include "05_gpt_sgd/gpt.hpp"
#include "06_gpt_adam/adam.hpp"

namespace ladder {

/// On the scalar tape, one name a step.
class ScalarTrainer {
 public:
  /// `draw` gives the initial value of the next parameter, in microgpt.py's order.
  ScalarTrainer(int vocab_size, const Gpt::Draw& draw, const AdamOptions& adam,
                int width = Gpt::n_embd);
  ScalarTrainer(const ScalarTrainer&) = delete;  // the model refers to the tape

  /// Forward, backward, Adam, on a batch of one name. \returns the loss before the step
  double train_step(Batch name, double lr);

  /// Logits for sampling, by the parameters as they are now.
  NextLogits next_logits();

  /// Nodes that the last step made; parameters, which stay on the tape, do not count.
  std::size_t nodes() const { return nodes_; }

 private:
  ScalarTape tape_;
  ScalarMicroGpt gpt_;
  Parameter parameters_;  // all of them in one row, as Adam wants them
  Adam adam_;
  int bos_;
  std::size_t nodes_ = 0;
};

/// On the matrix tape, a batch of names a step.
class MatrixTrainer {
 public:
  /// `draw` gives the initial value of the next parameter, in microgpt.py's order.
  MatrixTrainer(int vocab_size, const Gpt::Draw& draw, const AdamOptions& adam,
                int width = Gpt::n_embd);

  /// Forward, backward, Adam. \returns the mean loss of the batch before the step
  double train_step(Batch names, double lr);

  /// Logits for sampling, by the parameters as they are when asked for; not to outlive this.
  NextLogits next_logits() { return gpt_.next_logits(); }

  /// Nodes that the last step made; parameters, which stand on the tape anew at each step, count.
  std::size_t nodes() const { return tape_.size(); }

 private:
  MatrixTape tape_;
  Gpt gpt_;
  Adam adam_;
};

}  // namespace ladder
