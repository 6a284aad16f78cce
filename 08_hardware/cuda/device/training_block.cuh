#pragma once
/// \file
/// The machines of training on the device: what training/emulated_machine.hpp emulates.

#include <cooperative_groups.h>

#include "08_hardware/cuda/device/check.cuh"
#include "08_hardware/cuda/training/step.hpp"

namespace ladder::gpu {

/// A block.
class DeviceBlock {
 public:
  /// \param memory  the block's shared memory
  __device__ explicit DeviceBlock(void* memory) : memory_(memory) {}

  /// A value in registers.
  template <class T>
  struct Private {
    T value;
    /// This thread's.
    __device__ T& operator[](int) { return value; }
  };

  /// A phase: this thread does its part, and waits for the block's others.
  template <class F>
  __device__ __forceinline__ void each(F&& f) {
    f(static_cast<int>(threadIdx.x));
    __syncthreads();
  }

  /// The block's shared memory.
  template <class T>
  __device__ T& shared() {
    return *static_cast<T*>(memory_);
  }

 private:
  void* memory_;
};

/// The kernel of one operation, a block an item.
template <class Op>
__global__ void __launch_bounds__(block_threads) training_operation(const Op op) {
  __shared__ typename Op::Shared memory;
  DeviceBlock block(&memory);
  op(block, static_cast<int>(blockIdx.x));
}

/// Launches a kernel for each operation.
class DeviceLaunches {
 public:
  /// \param stream  of CUDA, where they stand in line
  explicit DeviceLaunches(cudaStream_t stream) : stream_(stream) {}

  /// A launch. \throws std::runtime_error if it is none
  template <class Op>
  void run(const Op& op) {
    training_operation<<<static_cast<unsigned>(op.items()), block_threads, 0, stream_>>>(op);
    check_launch("training_operation");
  }
  /// Another one.
  template <class Op>
  void run_beside(const Op& op) {
    run(op);
  }
  /// A stream's kernels wait for each other.
  void wait() {}

 private:
  cudaStream_t stream_;
};

/// Items of an operation for a block of a grid: `first`, `first` + blocks, and so on. Not inlined:
/// a step has five linear layers, and one copy of the code for all stays in the instruction cache.
template <class Op>
__device__ __noinline__ void run_items(const Op& op, DeviceBlock block, int first) {
  const int items = op.items();
  for (int item = first; item < items; item += static_cast<int>(gridDim.x)) op(block, item);
}

/// The whole grid, as one of its blocks sees it.
class DeviceGrid {
 public:
  /// \param memory  the block's shared memory
  __device__ explicit DeviceGrid(void* memory) : block_(memory) {}

  /// This block's share of the items.
  template <class Op>
  __device__ __forceinline__ void run(const Op& op) {
    first_ = 0;
    run_beside(op);
  }
  /// Likewise, beginning with the block after that of the last item.
  template <class Op>
  __device__ __forceinline__ void run_beside(const Op& op) {
    const int index = static_cast<int>(blockIdx.x), count = static_cast<int>(gridDim.x);
    run_items(op, block_, (index - first_ + count) % count);
    first_ = (first_ + op.items()) % count;
  }
  /// Waits for all blocks, and sees what they wrote.
  __device__ void wait() { cooperative_groups::this_grid().sync(); }

 private:
  DeviceBlock block_;
  int first_ = 0;
};

/// What of shared memory the largest operation wants.
union AnyShared {
  Strips strips;
  HeadShared head;
  RowParts rows;
  ThreadParts threads;
};

}  // namespace ladder::gpu
