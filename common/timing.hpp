#pragma once
/// \file
/// Clocks for benchmarks.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <utility>
#include <vector>

namespace ladder {

/// Seconds on the wall since it was made.
class Stopwatch {
 public:
  /// By a clock that nobody can set (steady_clock).
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Seconds this thread has had a core to itself: what another process took does not count.
inline double thread_cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// The middle one of one or more measurements (the upper middle one of an even number).
inline double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Thread CPU seconds of one call of `work`: the median of `rounds` rounds of `calls` calls each.
template <class Work>
double median_seconds(int rounds, int calls, Work&& work) {
  std::vector<double> seconds;
  for (int round = 0; round < rounds; ++round) {
    const double start = thread_cpu_seconds();
    for (int call = 0; call < calls; ++call) work();
    seconds.push_back((thread_cpu_seconds() - start) / calls);
  }
  return median(std::move(seconds));
}

}  // namespace ladder
