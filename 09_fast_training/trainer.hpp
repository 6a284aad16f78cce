#pragma once
/// \file
/// What trains: forward, backward and update of a GPT, without a graph.

#include <memory>
#include <string>
#include <variant>

#include "06_gpt_adam/recipe.hpp"
#include "06_gpt_adam/replay.hpp"
#include "09_fast_training/model/gpt_parameters.hpp"
#include "09_fast_training/model/optimizer_options.hpp"
#include "09_fast_training/model/packed_batch.hpp"

namespace ladder {

/// Numbers of a model as they lie in the trainer, in its own order and with its own padding.
using FlatNumbers = std::variant<std::span<float>, std::span<double>>;

/// Parameters, their gradient, and the optimizer's memory.
class Trainer {
 public:
  virtual ~Trainer() = default;
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  /// Packs the batch, computes its loss and gradient, and moves the parameters: the step that
  /// train_batches() and replay() take.
  /// \returns the mean loss of the batch before the move, nats a prediction
  double step(Batch names, double lr);

  /// Gradient of Σ nats / predictions. Several trainers that split a batch between them give the
  /// whole batch's predictions, and their gradients add up to the whole batch's.
  /// \param predictions  0: those of this batch
  /// \param add          to the gradient there is: of a batch that comes in parts
  /// \returns Σ nats / predictions
  double loss_and_gradient(const PackedBatch& batch, double predictions = 0, bool add = false);

  /// One step of the optimizer along the gradient.
  virtual void update(double lr) = 0;

  /// Σ nats over the batch's predictions: forward only.
  virtual double nats(const PackedBatch& batch) = 0;

  /// Logits after the last row of a batch, (vocab_size).
  virtual std::vector<double> last_logits(const PackedBatch& batch) = 0;

  virtual GptParameters parameters() const = 0;                      ///< as they are
  virtual void set_parameters(const GptParameters& parameters) = 0;  ///< of the same shape
  virtual GptParameters gradient() const = 0;                        ///< of the last batch
  virtual FlatNumbers flat_gradient() = 0;  ///< the same, to be summed over machines in place

  const GptShape& shape() const { return shape_; }  ///< of the model
  /// Mean NLL of names, nats a character, each beginning computed once (Packing::merged).
  double nll(const std::vector<Tokens>& names);
  /// For sampling, by the parameters as they are when asked for; not to outlive this.
  NextLogits next_logits();

  Packing packing = Packing::names;  ///< how step() packs

 protected:
  /// Of a model of this shape.
  explicit Trainer(const GptShape& shape) : shape_(shape) {}
  /// Sets the gradient or adds to it. \returns Σ nats / predictions
  virtual double differentiate(const PackedBatch& batch, double predictions, bool add) = 0;

 private:
  GptShape shape_;
  PackedBatch batch_;
};

/// The textbook: loops over numbers, one row at a time, gradients written beside their formulas.
template <class Number>
std::unique_ptr<Trainer> make_plain_trainer(const GptParameters& parameters,
                                            const OptimizerOptions& optimizer);

/// Products in registers, vectors as wide as the processor has them.
/// \param vectors  "" for the widest this machine can run, or a name of vector_names()
/// \throws Error if it has no such vectors
template <class Number>
std::unique_ptr<Trainer> make_fast_trainer(const GptParameters& parameters,
                                           const OptimizerOptions& optimizer,
                                           const std::string& vectors = "");

/// Vectors that were compiled and that this machine can run, narrowest first: "sse2", "avx2",
/// "avx512" on x86-64, "plain" elsewhere.
std::vector<std::string> vector_names();

/// Floating-point operations a second of one core that does nothing but multiply-adds in these
/// vectors, in float: the median of some rounds, thread CPU time.
/// \throws Error if this machine has no such vectors
double measure_peak_flops(const std::string& vectors = "");

/// A step whose learning rate climbs linearly over its first calls: call i of `warm_up` takes
/// i / warm_up of what it is given.
Step with_warm_up(Step step, long warm_up);

/// A trainer of microGPT for replay(), from microgpt.py's draws, with its betas.
template <class Number>
ReplayTrainer replay_trainer(int vocab_size, const Gpt::Draw& draw);

}  // namespace ladder
