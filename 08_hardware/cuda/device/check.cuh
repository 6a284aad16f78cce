#pragma once
/// \file
/// No call of CUDA goes unchecked: a failure is one line, and an exception.

#include <cstddef>
#include <cuda_runtime.h>
#include <stdexcept>
#include <string>
#include <utility>

namespace ladder::gpu {

/// \throws std::runtime_error naming the call and what CUDA says of it
inline void check(cudaError_t result, const char* call) {
  if (result == cudaSuccess) return;
  throw std::runtime_error(std::string("the GPU failed: ") + call + ": " +
                           cudaGetErrorString(result));
}

/// After a launch: was it one? \throws std::runtime_error
inline void check_launch(const char* kernel) { check(cudaGetLastError(), kernel); }

/// Memory of the device, for `count` numbers or structs; zeros at first.
template <class T>
class DeviceArray {
 public:
  /// \throws std::runtime_error if there is not so much
  explicit DeviceArray(std::size_t count = 1) : count_(count) {
    check(cudaMalloc(&data_, count * sizeof(T)), "cudaMalloc");
    check(cudaMemset(data_, 0, count * sizeof(T)), "cudaMemset");
    wait();
  }
  ~DeviceArray() { (void)cudaFree(data_); }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;

  /// An address of the device.
  T* data() const { return data_; }
  /// How many.
  std::size_t size() const { return count_; }
  /// Copies `count` of the host's here, and waits.
  void upload(const T* from, std::size_t count) {
    check(cudaMemcpy(data_, from, count * sizeof(T), cudaMemcpyHostToDevice), "upload");
    wait();
  }
  /// Copies the first `count` to the host, and waits.
  void download(T* to, std::size_t count) const {
    check(cudaMemcpy(to, data_, count * sizeof(T), cudaMemcpyDeviceToHost), "download");
  }

 private:
  // What CUDA calls synchronous returns when the host's memory may change, which can be before the
  // device has the numbers; and a Stream does not wait for the default one.
  static void wait() { check(cudaStreamSynchronize(cudaStreamLegacy), "cudaStreamSynchronize"); }

  T* data_ = nullptr;
  std::size_t count_;
};

/// A line of work for the device; its own, so that it can be captured.
class Stream {
 public:
  Stream() {
    check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreate");
  }
  ~Stream() { (void)cudaStreamDestroy(stream_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  /// CUDA's handle.
  cudaStream_t get() const { return stream_; }
  /// Waits until all has been done.
  void wait() const { check(cudaStreamSynchronize(stream_), "cudaStreamSynchronize"); }

 private:
  cudaStream_t stream_ = nullptr;
};

/// Memory of the host that the device copies to and from without another copy between.
template <class T>
class PinnedValue {
 public:
  PinnedValue() { check(cudaMallocHost(&value_, sizeof(T)), "cudaMallocHost"); }
  ~PinnedValue() { (void)cudaFreeHost(value_); }
  PinnedValue(const PinnedValue&) = delete;
  PinnedValue& operator=(const PinnedValue&) = delete;
  /// It.
  T& operator*() const { return *value_; }
  /// Its address.
  T* get() const { return value_; }

 private:
  T* value_ = nullptr;
};

/// Seconds between two points of a stream, by the device's own clock.
class DeviceStopwatch {
 public:
  DeviceStopwatch() {
    check(cudaEventCreate(&begin_), "cudaEventCreate");
    check(cudaEventCreate(&end_), "cudaEventCreate");
  }
  ~DeviceStopwatch() {
    (void)cudaEventDestroy(begin_);
    (void)cudaEventDestroy(end_);
  }
  DeviceStopwatch(const DeviceStopwatch&) = delete;
  DeviceStopwatch& operator=(const DeviceStopwatch&) = delete;
  /// From here …
  void start(cudaStream_t stream) { check(cudaEventRecord(begin_, stream), "cudaEventRecord"); }
  /// … to here; waits. \returns seconds
  double stop(cudaStream_t stream) {
    check(cudaEventRecord(end_, stream), "cudaEventRecord");
    check(cudaEventSynchronize(end_), "cudaEventSynchronize");
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, begin_, end_), "cudaEventElapsedTime");
    return 1e-3 * static_cast<double>(milliseconds);
  }

 private:
  cudaEvent_t begin_ = nullptr, end_ = nullptr;
};

}  // namespace ladder::gpu
