#pragma once
/// \file
/// A trainer around the kernels of one width, in one kind of vectors.

#include "09_fast_training/fast/fast_model.hpp"
#include "09_fast_training/trainer.hpp"

namespace ladder {

/// Numbers of a file into the order of a FastModel, and back.
template <class Number>
class FastTrainer : public Trainer {
 public:
  /// \param kernels  of the parameters' width
  FastTrainer(const GptParameters& parameters, const OptimizerOptions& optimizer,
              const Kernels<Number>& kernels);

  void update(double lr) override { model_.update(lr); }
  double nats(const PackedBatch& batch) override { return model_.nats(batch); }
  std::vector<double> last_logits(const PackedBatch& batch) override;
  GptParameters parameters() const override { return in_file_order(model_.parameters()); }
  void set_parameters(const GptParameters& parameters) override;
  GptParameters gradient() const override { return in_file_order(model_.gradient()); }
  FlatNumbers flat_gradient() override {
    return std::span(model_.gradient().data(), model_.gradient().size());
  }

 protected:
  double differentiate(const PackedBatch& batch, double predictions, bool add) override {
    return model_.differentiate(batch, predictions, add);
  }

 private:
  GptParameters in_file_order(const AlignedArray<Number>& numbers) const;

  FastModel<Number> model_;
};

}  // namespace ladder
