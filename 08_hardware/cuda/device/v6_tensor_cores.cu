// v6 on the device: sixteen streams a warp, on the matrix unit.
#include "08_hardware/cuda/device/engines.hpp"
#include "08_hardware/cuda/device/occupancies.cuh"
#include "08_hardware/cuda/device/warp_engine.cuh"
#include "08_hardware/cuda/inference/v6_tensor_cores.hpp"
#include "08_hardware/cuda/warp/device_warp.cuh"

namespace ladder::gpu {
namespace {

constexpr int warps = 4;
constexpr int threads = warps * warp_lanes;

// Weights stay in global memory: 13 KiB that every warp reads are in the first cache anyway, and so
// are the rows of the tables.
__global__ void __launch_bounds__(threads)
    tensor_streams_kernel(const FragmentWeights* weights, const PlaceTable* tables,
                          StreamState* states, int* kept, Job job) {
  __shared__ TensorPast pasts[warps];
  const int in_block = static_cast<int>(threadIdx.x) / warp_lanes;
  const int first = (static_cast<int>(blockIdx.x) * warps + in_block) * tensor_streams;
  if (first >= job.streams) return;  // a whole warp
  DeviceWarp warp;
  TensorModel<DeviceWarp> model(*weights, *tables, pasts[in_block]);
  write_sixteen(warp, model, pasts[in_block], states + first, kept + first * block_size, first,
                job);
}

class TensorEngine : public DeviceWarpEngine {
 public:
  TensorEngine(const MicroGpt& model, int streams)
      : DeviceWarpEngine(streams), kept_(static_cast<std::size_t>(streams) * block_size) {
    const FragmentWeights weights = FragmentWeights::of(model);
    weights_.upload(&weights, 1);
    tables_.upload(PlaceTable::of(model).get(), 1);
  }

  std::size_t precomputed_bytes() const override { return sizeof(PlaceTable); }

 private:
  void launch(const Job& job) override {
    constexpr int streams_a_block = warps * tensor_streams;
    const int blocks = (job.streams + streams_a_block - 1) / streams_a_block;
    tensor_streams_kernel<<<blocks, threads, 0, stream_.get()>>>(weights_.data(), tables_.data(),
                                                                 states_.data(), kept_.data(), job);
    check_launch("tensor_streams_kernel");
  }

  DeviceArray<FragmentWeights> weights_;
  DeviceArray<PlaceTable> tables_;
  DeviceArray<int> kept_;  // (streams, block_size)
};

}  // namespace

Occupancy occupancy_of_tensor() {
  return occupancy_of("v6 tensor_streams", tensor_streams_kernel, threads, 0);
}

std::unique_ptr<DeviceEngine> make_tensor(const MicroGpt& model, int streams) {
  if (streams == 0) {
    const int blocks = occupancy_of_tensor().blocks_a_processor * device_facts().processors;
    streams = std::max(1, blocks) * warps * tensor_streams;
  }
  return std::make_unique<TensorEngine>(model, streams);
}

}  // namespace ladder::gpu
