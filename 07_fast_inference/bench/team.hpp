#pragma once
/// \file
/// Threads that work at the same time, and clocks that see only their work.

#include <barrier>
#include <functional>
#include <thread>
#include <vector>

#include "common/timing.hpp"

namespace ladder {

/// Threads started once, before anything is timed: they sleep until there is work for all of them.
class Team {
 public:
  /// \param threads  1 or more; they end with the team
  explicit Team(int threads);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  /// How many threads.
  int size() const { return static_cast<int>(threads_.size()); }

  /// How long something took.
  struct Times {
    double wall;  ///< seconds, from the first thread's start to the last one's end
    double cpu;   ///< seconds of all threads together: what other processes took does not count
  };

  /// Runs work(0) … work(size - 1), each on a thread of its own, and waits for all. `work` must not
  /// throw.
  Times run(const std::function<void(int)>& work);

 private:
  void live(int i);

  struct Shift {
    double start, end;  // seconds on the wall
    double cpu;
  };
  const Stopwatch watch_;                           // one clock for all
  std::barrier<> begin_, end_;                      // for all threads and the one that calls run()
  const std::function<void(int)>* work_ = nullptr;  // null: go home
  std::vector<Shift> shifts_;                       // (threads)
  std::vector<std::thread> threads_;
};

}  // namespace ladder
