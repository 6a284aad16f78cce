#pragma once
/// \file
/// A model in training around the kernels of one width, in one kind of vectors: arrays and calls,
/// nothing that a browser does not have. FastTrainer (fast_trainer.hpp) makes a Trainer of it.

#include "09_fast_training/fast/aligned.hpp"
#include "09_fast_training/fast/kernels.hpp"
#include "09_fast_training/model/gpt_shape.hpp"
#include "09_fast_training/model/optimizer_options.hpp"
#include "09_fast_training/model/packed_batch.hpp"

namespace ladder {

/// Parameters, gradient and Adam's moments as flat arrays in the order that Pass describes; at
/// width 16 that is TensorOffsets' order, with zeros behind.
template <class Number>
class FastModel {
 public:
  /// All zeros.
  /// \param kernels  of the shape's width
  FastModel(const GptShape& shape, const OptimizerOptions& optimizer,
            const Kernels<Number>& kernels);

  /// Gradient of Σ nats / predictions, set or added to. \returns Σ nats / predictions
  double differentiate(const PackedBatch& batch, double predictions, bool add);
  /// One step of the optimizer along the gradient.
  void update(double lr);
  /// Σ nats over the batch's predictions: forward only.
  double nats(const PackedBatch& batch);
  /// Logits after the last row of a batch, (vocab_size), until the next pass.
  const Number* last_logits(const PackedBatch& batch);

  const GptShape& shape() const { return shape_; }                        ///< of the model
  AlignedArray<Number>& parameters() { return parameters_; }              ///< as they are
  AlignedArray<Number>& gradient() { return gradient_; }                  ///< of the last batch
  AlignedArray<Number>& mean() { return m_; }                             ///< Adam's m
  AlignedArray<Number>& square() { return v_; }                           ///< Adam's v
  const AlignedArray<Number>& parameters() const { return parameters_; }  ///< to look at
  const AlignedArray<Number>& gradient() const { return gradient_; }      ///< to look at

 private:
  Pass<Number> pass(const PackedBatch& batch, double predictions);

  GptShape shape_;
  const Kernels<Number>& kernels_;
  OptimizerOptions optimizer_;
  AlignedArray<Number> parameters_, gradient_, m_, v_;
  AlignedArray<Number> workspace_, logits_;
  long steps_ = 0;
};

}  // namespace ladder
