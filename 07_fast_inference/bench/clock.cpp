// What the machine can tell about itself while it runs: its clock and its energy.
#include <filesystem>
#include <fstream>

#include "07_fast_inference/bench/bench.hpp"
#include "common/timing.hpp"

namespace ladder {

double measure_clock_hertz() {
  constexpr int loops = 8192, adds = 16;
  std::uint64_t sum = 1, step = 3;
  const double start = thread_cpu_seconds();
  for (int i = 0; i < loops; ++i) {
#pragma GCC unroll 16
    for (int j = 0; j < adds; ++j) {
      sum += step;
      asm volatile("" : "+r"(sum), "+r"(step));  // the compiler may not add up ahead
    }
  }
  return loops * adds / (thread_cpu_seconds() - start);
}

std::optional<double> read_joules() {
  // Each processor package has a directory intel-rapl:N (AMD's too); its parts intel-rapl:N:M.
  namespace fs = std::filesystem;
  std::error_code error;
  std::optional<double> joules;
  for (const auto& entry : fs::directory_iterator("/sys/class/powercap", error)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind("intel-rapl:", 0) != 0 || name.find(':', 11) != std::string::npos) continue;
    double microjoules = 0;
    if (std::ifstream(entry.path() / "energy_uj") >> microjoules) {
      joules = joules.value_or(0) + microjoules * 1e-6;
    }
  }
  return joules;
}

}  // namespace ladder
