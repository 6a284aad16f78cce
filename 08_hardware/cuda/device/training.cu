// Training on the device: a kernel an operation, or all of a step in one (training/step.hpp).
#include <algorithm>
#include <vector>

#include "08_hardware/cuda/device/engines.hpp"
#include "08_hardware/cuda/device/training_block.cuh"
#include "08_hardware/cuda/training/memory.hpp"
#include "08_hardware/cuda/training/trainer.hpp"

namespace ladder::gpu {
namespace {

__global__ void __launch_bounds__(block_threads, 4)
    persistent_training(const StepNumbers numbers, const AdamStep adam) {
  __shared__ AnyShared memory;
  DeviceGrid grid(&memory);
  train_step(grid, numbers, adam);
}

// Counts the items between two barriers: more blocks than that would have nothing to do.
struct MostItems {
  int most = 0, now = 0;
  template <class Op>
  void run(const Op& op) {
    now += op.items();
    most = std::max(most, now);
  }
  template <class Op>
  void run_beside(const Op& op) {
    run(op);
  }
  void wait() { now = 0; }
};

// Memory of the host that the device copies from while the host goes on.
class PinnedInts {
 public:
  explicit PinnedInts(std::size_t count) : size_(count) {
    check(cudaMallocHost(&data_, count * sizeof(int)), "cudaMallocHost");
  }
  ~PinnedInts() { (void)cudaFreeHost(data_); }
  PinnedInts(const PinnedInts&) = delete;
  PinnedInts& operator=(const PinnedInts&) = delete;
  int* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  int* data_ = nullptr;
  std::size_t size_;
};

// As many blocks of the persistent kernel as the chip holds at once: all must be there, or none
// would come past the first barrier.
int most_resident_blocks() {
  int device = 0, processors = 0, cooperative = 0, blocks = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  check(cudaDeviceGetAttribute(&cooperative, cudaDevAttrCooperativeLaunch, device),
        "cudaDeviceGetAttribute");
  if (cooperative == 0) {
    throw std::runtime_error("this GPU has no barrier for all blocks (cooperative launch)");
  }
  check(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device),
        "cudaDeviceGetAttribute");
  check(
      cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, persistent_training, block_threads, 0),
      "cudaOccupancyMaxActiveBlocksPerMultiprocessor");
  return processors * blocks;
}

class DeviceTrainer : public StepTrainer {
 public:
  DeviceTrainer(const ModelLayout& layout, std::span<const float> parameters, Variant variant)
      : StepTrainer(layout, parameters), memory_(layout), variant_(variant) {
    check(cudaMemcpy(memory_.numbers().w, parameters.data(), parameters.size_bytes(),
                     cudaMemcpyHostToDevice),
          "parameters");
    if (variant == Variant::persistent) most_blocks_ = most_resident_blocks();
  }

  ModelNumbers parameters() const override { return numbers_at(memory_.numbers().w); }
  ModelNumbers gradient() const override { return numbers_at(memory_.numbers().gradient); }

  // Puts the batches into memory that the device can read, and times rounds of steps.
  double time(std::span<const PackedRows> batches, int rounds) {
    std::vector<std::unique_ptr<PinnedInts>> pinned;
    int rows = 0, names = 0;
    for (const PackedRows& batch : batches) {
      pinned.push_back(pin(batch));
      rows = std::max(rows, batch.rows);
      names = std::max(names, batch.names);
    }
    make_room(rows, names);  // for all of them, before any is timed
    std::size_t next = 0;
    const auto seconds = [&](int steps) {
      watch_.start(stream_.get());
      for (int i = 0; i < steps; ++i, next = (next + 1) % batches.size()) {
        enqueue(batches[next], *pinned[next], next_adam(1e-3));
      }
      return watch_.stop(stream_.get());
    };
    int steps = 1;  // of a round: about 5 ms
    while (seconds(steps) < 0.005 && steps < 4096) steps *= 2;
    std::vector<double> each;
    for (int round = 0; round < rounds; ++round) each.push_back(1e6 * seconds(steps) / steps);
    std::nth_element(each.begin(), each.begin() + rounds / 2, each.end());
    return each[static_cast<std::size_t>(rounds / 2)];
  }

 protected:
  double run(const PackedRows& batch, const AdamStep& adam) override {
    if (!fed_ || fed_->size() < batch.numbers.size()) {
      fed_.reset();
      fed_ = std::make_unique<PinnedInts>(batch.numbers.size());
    }
    std::copy(batch.numbers.begin(), batch.numbers.end(), fed_->data());
    enqueue(batch, *fed_, adam);
    check(cudaMemcpyAsync(loss_.get(), memory_.numbers().loss, sizeof(float),
                          cudaMemcpyDeviceToHost, stream_.get()),
          "loss");
    stream_.wait();
    return static_cast<double>(*loss_);
  }

 private:
  static std::unique_ptr<PinnedInts> pin(const PackedRows& batch) {
    auto pinned = std::make_unique<PinnedInts>(batch.numbers.size());
    std::copy(batch.numbers.begin(), batch.numbers.end(), pinned->data());
    return pinned;
  }

  // New memory is filled with zeros by another stream than ours, which must not come later.
  void make_room(int rows, int names) {
    if (memory_.make_room(rows, names)) check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  }

  // The batch goes there, and the step behind it.
  void enqueue(const PackedRows& batch, const PinnedInts& pinned, const AdamStep& adam) {
    make_room(batch.rows, batch.names);
    check(cudaMemcpyAsync(memory_.batch().data(), pinned.data(), batch.numbers.size() * sizeof(int),
                          cudaMemcpyHostToDevice, stream_.get()),
          "batch");
    if (variant_ == Variant::launch_per_op) {
      DeviceLaunches machine(stream_.get());
      train_step(machine, memory_.numbers(), adam);
      return;
    }
    MostItems items;
    train_step(items, memory_.numbers(), adam);
    StepNumbers numbers = memory_.numbers();
    AdamStep step = adam;
    void* arguments[] = {&numbers, &step};
    check(
        cudaLaunchCooperativeKernel(reinterpret_cast<const void*>(persistent_training),
                                    dim3(static_cast<unsigned>(std::min(most_blocks_, items.most))),
                                    dim3(block_threads), arguments, 0, stream_.get()),
        "persistent_training");
  }

  ModelNumbers numbers_at(const float* first) const {
    ModelNumbers numbers(static_cast<std::size_t>(layout().size()));
    check(cudaMemcpy(numbers.data(), first, numbers.size() * sizeof(float), cudaMemcpyDeviceToHost),
          "numbers");
    return numbers;
  }

  StepMemory<DeviceArray> memory_;
  Variant variant_;
  Stream stream_;
  DeviceStopwatch watch_;
  PinnedValue<float> loss_;
  std::unique_ptr<PinnedInts> fed_;
  int most_blocks_ = 0;
};

}  // namespace

std::unique_ptr<StepTrainer> make_device_trainer(const ModelLayout& layout,
                                                 std::span<const float> parameters,
                                                 Variant variant) {
  return std::make_unique<DeviceTrainer>(layout, parameters, variant);
}

double microseconds_a_step(StepTrainer& trainer, std::span<const PackedRows> batches, int rounds) {
  return dynamic_cast<DeviceTrainer&>(trainer).time(batches, rounds);
}

std::string device_name() { return device_facts().name; }

}  // namespace ladder::gpu
