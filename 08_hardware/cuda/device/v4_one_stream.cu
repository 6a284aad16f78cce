// v4 on the device: one block of one warp, weights and past in registers.
#include "08_hardware/cuda/device/engines.hpp"
#include "08_hardware/cuda/device/occupancies.cuh"
#include "08_hardware/cuda/device/warp_engine.cuh"
#include "08_hardware/cuda/inference/v4_one_stream_fast.hpp"
#include "08_hardware/cuda/warp/device_warp.cuh"

namespace ladder::gpu {
namespace {

template <bool tables>
__global__ void __launch_bounds__(warp_lanes)
    one_stream(const PackedWeights* packed, const PlaceTable* table, StreamState* state,
               float* past, Job job) {
  DeviceWarp warp;
  RegisterWeights<DeviceWarp> weights(warp, *packed);
  LaneModel<DeviceWarp, RegisterWeights<DeviceWarp>, tables> model(weights, *packed, table);
  write_names(warp, model, *state, past, 0, job);
}

template <bool tables>
class OneStreamEngine : public DeviceWarpEngine {
 public:
  explicit OneStreamEngine(const MicroGpt& model) : DeviceWarpEngine(1), past_(past_floats) {
    const PackedWeights packed = PackedWeights::of(model);
    packed_.upload(&packed, 1);
    if (tables) {
      table_ = std::make_unique<DeviceArray<PlaceTable>>();
      table_->upload(PlaceTable::of(model).get(), 1);
    }
  }

  std::size_t precomputed_bytes() const override { return tables ? sizeof(PlaceTable) : 0; }

 private:
  void launch(const Job& job) override {
    one_stream<tables><<<1, warp_lanes, 0, stream_.get()>>>(
        packed_.data(), tables ? table_->data() : nullptr, states_.data(), past_.data(), job);
    check_launch("one_stream");
  }

  DeviceArray<PackedWeights> packed_;
  std::unique_ptr<DeviceArray<PlaceTable>> table_;
  DeviceArray<float> past_;
};

}  // namespace

std::unique_ptr<DeviceEngine> make_one_stream(const MicroGpt& model, bool tables) {
  if (tables) return std::make_unique<OneStreamEngine<true>>(model);
  return std::make_unique<OneStreamEngine<false>>(model);
}

Occupancy occupancy_of_one_stream() {
  return occupancy_of("v4 one_stream", one_stream<false>, warp_lanes, 0);
}

}  // namespace ladder::gpu
