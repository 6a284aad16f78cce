#include "07_fast_inference/bench/team.hpp"

#include <algorithm>

namespace ladder {

Team::Team(int threads)
    : begin_(threads + 1), end_(threads + 1), shifts_(static_cast<std::size_t>(threads)) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this, i] { live(i); });
}

Team::~Team() {
  work_ = nullptr;
  begin_.arrive_and_wait();
  for (std::thread& thread : threads_) thread.join();
}

Team::Times Team::run(const std::function<void(int)>& work) {
  work_ = &work;
  begin_.arrive_and_wait();
  end_.arrive_and_wait();
  Times times{0, 0};
  double start = shifts_[0].start, end = shifts_[0].end;
  for (const Shift& shift : shifts_) {
    start = std::min(start, shift.start);
    end = std::max(end, shift.end);
    times.cpu += shift.cpu;
  }
  times.wall = end - start;
  return times;
}

void Team::live(int i) {
  Shift& shift = shifts_[static_cast<std::size_t>(i)];
  for (;;) {
    begin_.arrive_and_wait();
    if (work_ == nullptr) return;
    shift.start = watch_.seconds();
    const double cpu = thread_cpu_seconds();
    (*work_)(i);
    shift.cpu = thread_cpu_seconds() - cpu;
    shift.end = watch_.seconds();
    end_.arrive_and_wait();
  }
}

}  // namespace ladder
