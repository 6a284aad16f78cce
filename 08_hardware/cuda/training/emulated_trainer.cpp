#include <algorithm>
#include <limits>
#include <thread>

#include "08_hardware/cuda/training/emulated_machine.hpp"
#include "08_hardware/cuda/training/memory.hpp"
#include "08_hardware/cuda/training/trainer.hpp"

namespace ladder::gpu {
namespace {

// The interface of a DeviceArray.
template <class T>
class HostArray {
 public:
  explicit HostArray(std::size_t count) : numbers_(count) {}
  T* data() { return numbers_.data(); }
  std::size_t size() const { return numbers_.size(); }

 private:
  std::vector<T> numbers_;
};

class EmulatedTrainer : public StepTrainer {
 public:
  EmulatedTrainer(const ModelLayout& layout, std::span<const float> parameters, Variant variant,
                  const Emulation& how)
      : StepTrainer(layout, parameters), memory_(layout), variant_(variant), how_(how) {
    std::copy(parameters.begin(), parameters.end(), memory_.numbers().w);
  }

  ModelNumbers parameters() const override { return numbers_at(memory_.numbers().w); }
  ModelNumbers gradient() const override { return numbers_at(memory_.numbers().gradient); }

 protected:
  double run(const PackedRows& batch, const AdamStep& adam) override {
    memory_.make_room(batch.rows, batch.names);
    std::copy(batch.numbers.begin(), batch.numbers.end(), memory_.batch().data());
    for (const auto& array : memory_.made_anew()) {  // nothing is left of the last step
      std::fill_n(array->data(), array->size(), std::numeric_limits<float>::quiet_NaN());
    }
    if (variant_ == Variant::persistent) {
      run_persistent(adam);
    } else {
      EmulatedLaunches machine(how_.backwards);
      train_step(machine, memory_.numbers(), adam);
    }
    return static_cast<double>(*memory_.numbers().loss);
  }

 private:
  // The kernel: each block is a thread of the host.
  void run_persistent(const AdamStep& adam) {
    Turns turns(how_.blocks, how_.backwards);
    std::vector<std::thread> blocks;
    for (int block = 0; block < how_.blocks; ++block) {
      blocks.emplace_back([&, block] {
        turns.take(block);
        EmulatedGrid grid(turns, block, how_.blocks, how_.backwards, how_.leave_out);
        train_step(grid, memory_.numbers(), adam);
        turns.pass();
      });
    }
    for (std::thread& block : blocks) block.join();
  }

  ModelNumbers numbers_at(const float* first) const { return {first, first + layout().size()}; }

  StepMemory<HostArray> memory_;
  Variant variant_;
  Emulation how_;
};

}  // namespace

std::unique_ptr<StepTrainer> make_emulated_trainer(const ModelLayout& layout,
                                                   std::span<const float> parameters,
                                                   Variant variant, const Emulation& how) {
  return std::make_unique<EmulatedTrainer>(layout, parameters, variant, how);
}

}  // namespace ladder::gpu
