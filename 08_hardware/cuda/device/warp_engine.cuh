#pragma once
/// \file
/// What v3 to v6 have alike on the device: one launch writes many tokens of every stream.

#include <memory>
#include <vector>

#include "08_hardware/cuda/device/check.cuh"
#include "08_hardware/cuda/device/engines.hpp"
#include "08_hardware/cuda/inference/job.hpp"

namespace ladder::gpu {

/// An engine whose kernel is the whole loop.
class DeviceWarpEngine : public DeviceEngine {
 public:
  explicit DeviceWarpEngine(int streams)
      : DeviceEngine(streams),
        states_(static_cast<std::size_t>(streams)),
        logits_(static_cast<std::size_t>(streams) * vocab_size),
        host_states_(static_cast<std::size_t>(streams)) {}

  void forward(std::span<const Place> places, std::span<float> logits) override {
    for (std::size_t i = 0; i < places.size(); ++i) {
      host_states_[i] = {places[i].token, places[i].position, 1};
    }
    states_.upload(host_states_.data(), host_states_.size());
    launch({.tokens = nullptr,
            .logits = logits_.data(),
            .steps = 1,
            .streams = streams(),
            .scale = 1});
    stream_.wait();
    logits_.download(logits.data(), logits.size());
  }

  double time_tokens(int steps) override {
    const Job job = job_of(steps);
    watch_.start(stream_.get());
    launch(job);
    return watch_.stop(stream_.get());
  }

 protected:
  void prepare() override {
    for (std::size_t i = 0; i < random_.size(); ++i) host_states_[i] = {bos_token, 0, random_[i]};
    states_.upload(host_states_.data(), host_states_.size());
  }

  void write(std::span<std::uint8_t> tokens) override {
    launch(job_of(static_cast<int>(tokens.size() / static_cast<std::size_t>(streams()))));
    stream_.wait();
    tokens_->download(tokens.data(), tokens.size());
  }

  /// Starts the kernel on stream_.
  virtual void launch(const Job& job) = 0;

  Stream stream_;
  DeviceArray<StreamState> states_;  ///< (streams)

 private:
  Job job_of(int steps) {
    const auto count = static_cast<std::size_t>(steps) * static_cast<std::size_t>(streams());
    if (!tokens_ || tokens_->size() < count) {
      tokens_.reset();  // first the old one goes
      tokens_ = std::make_unique<DeviceArray<std::uint8_t>>(count);
    }
    return {.tokens = tokens_->data(),
            .logits = nullptr,
            .steps = steps,
            .streams = streams(),
            .scale = log2_of_e / temperature_};
  }

  DeviceArray<float> logits_;
  std::unique_ptr<DeviceArray<std::uint8_t>> tokens_;
  std::vector<StreamState> host_states_;
  DeviceStopwatch watch_;
};

/// How much of the chip a kernel fills with blocks of that size.
template <class Kernel>
Occupancy occupancy_of(const char* name, Kernel kernel, int threads, std::size_t dynamic_bytes) {
  int device = 0, most_threads = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  check(cudaDeviceGetAttribute(&most_threads, cudaDevAttrMaxThreadsPerMultiProcessor, device),
        "cudaDeviceGetAttribute");
  cudaFuncAttributes attributes;
  check(cudaFuncGetAttributes(&attributes, kernel), "cudaFuncGetAttributes");
  Occupancy result;
  result.kernel = name;
  result.threads_a_block = threads;
  result.registers = attributes.numRegs;
  result.shared_bytes = static_cast<int>(attributes.sharedSizeBytes + dynamic_bytes);
  check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&result.blocks_a_processor, kernel, threads,
                                                      dynamic_bytes),
        "cudaOccupancyMaxActiveBlocksPerMultiprocessor");
  result.share = static_cast<double>(result.blocks_a_processor) * threads / most_threads;
  return result;
}

}  // namespace ladder::gpu
