// v3 on the device: one block of one warp, weights in shared memory.
#include "08_hardware/cuda/device/engines.hpp"
#include "08_hardware/cuda/device/occupancies.cuh"
#include "08_hardware/cuda/device/warp_engine.cuh"
#include "08_hardware/cuda/inference/v3_persistent_warp.hpp"
#include "08_hardware/cuda/warp/device_warp.cuh"

namespace ladder::gpu {
namespace {

__global__ void __launch_bounds__(warp_lanes)
    persistent_warp(const ColumnWeights* weights, StreamState* state, float* past, Job job) {
  __shared__ PersistentShared shared;
  constexpr int words = sizeof(ColumnWeights) / sizeof(float);
  const float* from = &weights->wte[0][0];
  float* to = &shared.weights.wte[0][0];
  for (int i = static_cast<int>(threadIdx.x); i < words; i += warp_lanes) to[i] = from[i];
  __syncwarp();
  DeviceWarp warp;
  PersistentModel<DeviceWarp> model(shared);
  write_names(warp, model, *state, past, 0, job);
}

class PersistentEngine : public DeviceWarpEngine {
 public:
  explicit PersistentEngine(const MicroGpt& model) : DeviceWarpEngine(1), past_(past_floats) {
    const ColumnWeights weights = ColumnWeights::of(model);
    weights_.upload(&weights, 1);
  }

 private:
  void launch(const Job& job) override {
    persistent_warp<<<1, warp_lanes, 0, stream_.get()>>>(weights_.data(), states_.data(),
                                                         past_.data(), job);
    check_launch("persistent_warp");
  }

  DeviceArray<ColumnWeights> weights_;
  DeviceArray<float> past_;
};

}  // namespace

std::unique_ptr<DeviceEngine> make_persistent(const MicroGpt& model) {
  return std::make_unique<PersistentEngine>(model);
}

Occupancy occupancy_of_persistent() {
  return occupancy_of("v3 persistent_warp", persistent_warp, warp_lanes, 0);
}

}  // namespace ladder::gpu
