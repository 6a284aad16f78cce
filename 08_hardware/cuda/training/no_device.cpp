// Built without nvcc: nothing trains on a GPU, and a line says why.
#include "08_hardware/cuda/device.hpp"
#include "08_hardware/cuda/training/trainer.hpp"
#include "common/error.hpp"

namespace ladder::gpu {

std::unique_ptr<StepTrainer> make_device_trainer(const ModelLayout&, std::span<const float>,
                                                 Variant) {
  throw Error(no_device_because());
}

double microseconds_a_step(StepTrainer&, std::span<const PackedRows>, int) {
  throw Error(no_device_because());
}

std::string device_name() { return ""; }

}  // namespace ladder::gpu
