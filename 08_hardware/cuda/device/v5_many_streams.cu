// v5 on the device: a stream a warp, eight warps a block, all blocks that fit.
#include "08_hardware/cuda/device/engines.hpp"
#include "08_hardware/cuda/device/occupancies.cuh"
#include "08_hardware/cuda/device/warp_engine.cuh"
#include "08_hardware/cuda/inference/v5_many_streams.hpp"
#include "08_hardware/cuda/warp/device_warp.cuh"

namespace ladder::gpu {
namespace {

constexpr int block_threads = block_warps * warp_lanes;

__global__ void __launch_bounds__(block_threads)
    many_streams(const PackedWeights* packed, StreamState* states, float* past, Job job) {
  __shared__ PackedWeights weights;
  constexpr int words = sizeof(PackedWeights) / sizeof(float);
  const float* from = &packed->wq[0][0];
  float* to = &weights.wq[0][0];
  for (int i = static_cast<int>(threadIdx.x); i < words; i += block_threads) to[i] = from[i];
  __syncthreads();
  const int stream = static_cast<int>(blockIdx.x * block_warps + threadIdx.x / warp_lanes);
  if (stream >= job.streams) return;  // a whole warp
  DeviceWarp warp;
  write_stream(warp, weights, states[stream], past + static_cast<std::size_t>(stream) * past_floats,
               stream, job);
}

class ManyStreamsEngine : public DeviceWarpEngine {
 public:
  ManyStreamsEngine(const MicroGpt& model, int streams)
      : DeviceWarpEngine(streams), past_(static_cast<std::size_t>(streams) * past_floats) {
    const PackedWeights packed = PackedWeights::of(model);
    packed_.upload(&packed, 1);
  }

 private:
  void launch(const Job& job) override {
    const int blocks = (job.streams + block_warps - 1) / block_warps;
    many_streams<<<blocks, block_threads, 0, stream_.get()>>>(packed_.data(), states_.data(),
                                                              past_.data(), job);
    check_launch("many_streams");
  }

  DeviceArray<PackedWeights> packed_;
  DeviceArray<float> past_;  // (streams, past_floats)
};

}  // namespace

Occupancy occupancy_of_many_streams() {
  return occupancy_of("v5 many_streams", many_streams, block_threads, 0);
}

std::unique_ptr<DeviceEngine> make_many_streams(const MicroGpt& model, int streams) {
  if (streams == 0) {
    const int blocks = occupancy_of_many_streams().blocks_a_processor * device_facts().processors;
    streams = std::max(1, blocks) * block_warps;
  }
  return std::make_unique<ManyStreamsEngine>(model, streams);
}

}  // namespace ladder::gpu
