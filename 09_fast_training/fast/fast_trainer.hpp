#pragma once
/// \file
/// A trainer around the kernels of one width, in one kind of vectors.

#include "09_fast_training/fast/aligned.hpp"
#include "09_fast_training/fast/kernels.hpp"
#include "09_fast_training/trainer.hpp"

namespace ladder {

/// Keeps parameters, gradient and Adam's moments as flat arrays in the order that Pass describes.
template <class Number>
class FastTrainer : public Trainer {
 public:
  /// \param kernels  of the parameters' width
  FastTrainer(const GptParameters& parameters, const OptimizerOptions& optimizer,
              const Kernels<Number>& kernels);

  void update(double lr) override;
  double nats(const PackedBatch& batch) override;
  std::vector<double> last_logits(const PackedBatch& batch) override;
  GptParameters parameters() const override { return in_file_order(parameters_); }
  void set_parameters(const GptParameters& parameters) override;
  GptParameters gradient() const override { return in_file_order(gradient_); }
  FlatNumbers flat_gradient() override { return std::span(gradient_.data(), gradient_.size()); }

 protected:
  double differentiate(const PackedBatch& batch, double predictions, bool add) override;

 private:
  Pass<Number> pass(const PackedBatch& batch, double predictions);
  GptParameters in_file_order(const AlignedArray<Number>& numbers) const;

  const Kernels<Number>& kernels_;
  OptimizerOptions optimizer_;
  AlignedArray<Number> parameters_, gradient_, m_, v_;
  AlignedArray<Number> workspace_, logits_;
  long steps_ = 0;
};

}  // namespace ladder
