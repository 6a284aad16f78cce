#pragma once
/// \file
/// Blocks of threads on this processor, for the operations of training. The operations are written
/// in phases, `block.each(f)`: on a device each thread calls f with its own number, and then waits
/// for the block's others. Here one thread after another does. So whatever a phase computes must
/// not depend on what another thread writes in it; run forwards and backwards, it would differ.

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstring>
#include <mutex>

#include "08_hardware/cuda/training/sides.hpp"

namespace ladder::gpu {

/// A block.
class EmulatedBlock {
 public:
  /// \param backwards  the last thread comes first
  explicit EmulatedBlock(bool backwards) : backwards_(backwards) {}

  /// A value for each thread: what on a device are registers.
  template <class T>
  struct Private {
    std::array<T, block_threads> of;
    /// Of this thread.
    T& operator[](int thread) { return of[static_cast<std::size_t>(thread)]; }
  };

  /// A phase: f(thread) for all threads of the block.
  template <class F>
  void each(F&& f) {
    for (int i = 0; i < block_threads; ++i) f(backwards_ ? block_threads - 1 - i : i);
  }

  /// The block's shared memory.
  template <class T>
  T& shared() {
    static_assert(sizeof(T) <= sizeof memory_);
    return *reinterpret_cast<T*>(memory_.data());
  }

  /// What stands in shared memory before an item's first phase is anybody's guess: NaNs.
  void forget() { std::memset(memory_.data(), 0xff, sizeof memory_); }

 private:
  bool backwards_;
  alignas(16) std::array<std::byte, 16384> memory_;
};

/// One item of an operation. Both machines below call this very function, so that their results
/// cannot differ by what the compiler makes of it in two places.
template <class Op>
[[gnu::noinline]] void run_item(EmulatedBlock& block, const Op& op, int item) {
  block.forget();
  op(block, item);
}

/// A kernel for each operation, with a block for each item.
class EmulatedLaunches {
 public:
  /// \param backwards  the last block and the last thread come first
  explicit EmulatedLaunches(bool backwards) : block_(backwards), backwards_(backwards) {}

  /// A launch.
  template <class Op>
  void run(const Op& op) {
    const int items = op.items();
    for (int i = 0; i < items; ++i) run_item(block_, op, backwards_ ? items - 1 - i : i);
  }
  /// Another launch.
  template <class Op>
  void run_beside(const Op& op) {
    run(op);
  }
  /// Launches wait for each other.
  void wait() {}

 private:
  EmulatedBlock block_;
  bool backwards_;
};

/// Who of several host threads may go on: one at a time, each until it passes the turn. What they
/// do together does not depend on luck.
class Turns {
 public:
  /// \param backwards  the last one comes first
  Turns(int count, bool backwards) : count_(count), backwards_(backwards) {}

  /// Waits until it is the turn of this one.
  void take(int who) {
    std::unique_lock lock(mutex_);
    const int place = backwards_ ? count_ - 1 - who : who;
    passed_.wait(lock, [&] { return turn_ == place; });
  }
  /// It is the next one's turn; after the last one's the first one's.
  void pass() {
    {
      const std::lock_guard lock(mutex_);
      turn_ = (turn_ + 1) % count_;
    }
    passed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable passed_;
  int count_, turn_ = 0;
  bool backwards_;
};

/// The grid of a persistent kernel, as one of its blocks sees it. Every block runs to the barrier
/// before the next one begins: had it to wait for another one's numbers and does not, it finds
/// none.
class EmulatedGrid {
 public:
  /// \param turns      shared by all blocks
  /// \param leave_out  the barrier that this one ignores; -1 for none
  EmulatedGrid(Turns& turns, int index, int count, bool backwards, int leave_out)
      : block_(backwards), turns_(turns), index_(index), count_(count), leave_out_(leave_out) {}

  /// This block's share of the items.
  template <class Op>
  void run(const Op& op) {
    first_ = 0;
    run_beside(op);
  }
  /// Likewise, beginning with the block after that of the last item.
  template <class Op>
  void run_beside(const Op& op) {
    const int items = op.items();
    for (int item = (index_ - first_ + count_) % count_; item < items; item += count_) {
      run_item(block_, op, item);
    }
    first_ = (first_ + items) % count_;
  }
  /// The barrier.
  void wait() {
    if (waits_++ == leave_out_) return;
    turns_.pass();
    turns_.take(index_);
  }

 private:
  EmulatedBlock block_;
  Turns& turns_;
  int index_, count_, leave_out_;
  int first_ = 0, waits_ = 0;
};

}  // namespace ladder::gpu
