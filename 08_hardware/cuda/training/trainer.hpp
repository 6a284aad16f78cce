#pragma once
/// \file
/// What trains by the kernels of this room, on a device or on emulated blocks.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "06_gpt_adam/adam_options.hpp"
#include "08_hardware/cuda/training/batch.hpp"
#include "08_hardware/cuda/training/model_layout.hpp"
#include "08_hardware/cuda/training/update.hpp"

namespace ladder::gpu {

/// How a step is put to the machine.
enum class Variant {
  launch_per_op,  ///< 27 kernels, one an operation
  persistent      ///< one kernel, with barriers for all blocks
};

/// As tables and JSON name it.
inline const char* name_of(Variant variant) {
  return variant == Variant::persistent ? "cuda, persistent" : "cuda, launch per op";
}

/// Numbers of a model in the order of Gpt::parameters(), each matrix row by row.
using ModelNumbers = std::vector<float>;

/// Forward, backward and Adam with microgpt.py's betas.
class StepTrainer {
 public:
  virtual ~StepTrainer() = default;
  StepTrainer(const StepTrainer&) = delete;
  StepTrainer& operator=(const StepTrainer&) = delete;

  /// Packs the batch, computes loss and gradient, and moves the parameters: the step that
  /// train_batches() takes.
  /// \returns the mean loss of the batch before the move, nats a prediction
  double step(Batch names, double lr) { return run(pack_rows(names), next_adam(lr)); }

  virtual ModelNumbers parameters() const = 0;  ///< as they are
  virtual ModelNumbers gradient() const = 0;    ///< of the last batch, before the move

  const ModelLayout& layout() const { return layout_; }  ///< of the model

 protected:
  /// \throws Error if the kernels know no such width, or there are not as many numbers as it has
  StepTrainer(const ModelLayout& layout, std::span<const float> parameters);

  /// What Adam is told of the next step.
  AdamStep next_adam(double lr);

  /// Makes a step. \returns the loss
  virtual double run(const PackedRows& batch, const AdamStep& adam) = 0;

 private:
  ModelLayout layout_;
  AdamOptions options_ = {.beta1 = 0.85, .beta2 = 0.99, .epsilon = 1e-8};
  long steps_ = 0;
};

/// How blocks and threads are emulated. Nothing that a kernel computes may depend on it.
struct Emulation {
  int blocks = 3;          ///< of the persistent kernel
  bool backwards = false;  ///< the last block and the last thread come first
  int leave_out = -1;  ///< this barrier between blocks, counted from 0: to see that it is missed
};

/// The same kernels on this processor, block after block, thread after thread.
/// \throws Error as StepTrainer
std::unique_ptr<StepTrainer> make_emulated_trainer(const ModelLayout& layout,
                                                   std::span<const float> parameters,
                                                   Variant variant, const Emulation& how = {});

/// On the device.
/// \throws Error as StepTrainer; std::runtime_error if there is none, or what CUDA says
std::unique_ptr<StepTrainer> make_device_trainer(const ModelLayout& layout,
                                                 std::span<const float> parameters,
                                                 Variant variant);

/// Microseconds that a step takes on the device, by its own clock (CUDA events): median of so many
/// rounds, warmed up. Between the events stand the copy of a packed batch to the device and the
/// kernels; packing, which the host does meanwhile, and the copy of a loss do not.
/// \param trainer  of make_device_trainer()
/// \param batches  taken in turn
double microseconds_a_step(StepTrainer& trainer, std::span<const PackedRows> batches, int rounds);

/// What the device calls itself; empty where there is none.
std::string device_name();

}  // namespace ladder::gpu
