#include "07_fast_inference/bench/machine_speed.hpp"

#include <algorithm>
#include <vector>

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

#include "07_fast_inference/bench/bench.hpp"
#include "07_fast_inference/bench/probes.hpp"
#include "common/timing.hpp"

namespace ladder {
namespace {

// Cycles of a pass, the median of some rounds.
double cycles(void (*run)(int passes), int passes) {
  constexpr int rounds = 9;
  run(passes);  // the upper halves of vectors may have to be woken up
  std::vector<double> measured;
  for (int round = 0; round < rounds; ++round) {
    const double hertz = measure_clock_hertz(), start = thread_cpu_seconds();
    run(passes);
    const double seconds = thread_cpu_seconds() - start;
    measured.push_back(seconds / passes * (hertz + measure_clock_hertz()) / 2);
  }
  return median(std::move(measured));
}

// Keeps the better one.
void compare(double& peak, std::string& name, const PeakProbe& probe) {
  const double now = probe.multiply_adds * PeakProbe::steps / cycles(probe.run, 50'000);
  if (now <= peak) return;
  peak = now;
  name = probe.instruction;
}
void compare(double& latency, const LatencyProbe& probe, double steps = 1, double other = 0) {
  if (probe.run == nullptr) return;
  const double now = std::max(0.0, cycles(probe.run, 2000) / LatencyProbe::steps / steps - other);
  latency = latency == 0 ? now : std::min(latency, now);
}

void compare(MachineSpeed& speed, const Probes& probes) {
  compare(speed.core.peak.fp64, speed.fp64, probes.fp64);
  compare(speed.core.peak.fp32, speed.fp32, probes.fp32);
  compare(speed.core.peak.int16, speed.int16, probes.int16);
  compare(speed.core.peak.int8, speed.int8, probes.int8);
  Latencies& l = speed.core.latency;
  compare(l.add, probes.add);
  compare(l.multiply, probes.multiply);
  compare(l.multiply_add, probes.multiply_add);
  compare(l.divide, probes.divide);
  compare(l.square_root, probes.root_and_multiply, 1, l.multiply);
  compare(l.maximum, probes.maximum);
  compare(l.convert, probes.convert_twice, 2);
  compare(l.near_shuffle, probes.near_shuffle);
  compare(l.far_shuffle, probes.far_shuffle);
  compare(l.pick, probes.pick);
  compare(l.integer, probes.integer);
  compare(l.integer_multiply, probes.integer_multiply);
  compare(l.pair_product, probes.pair_product);
  compare(l.look_up, probes.look_up);
  compare(l.scalar_multiply, probes.scalar_multiply);
  compare(l.load, probes.load);
}

MachineSpeed measure() {
  MachineSpeed speed;
#if defined(__x86_64__)
  compare(speed, portable_probes());
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    compare(speed, avx2_probes());
  }
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    compare(speed, avx512_probes(__builtin_cpu_supports("avx512vnni")));
  }
#elif defined(__aarch64__)
  compare(speed, portable_probes());
#if defined(__APPLE__)
  compare(speed, dot_product_probes());
#elif defined(__linux__)
  if ((getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0) compare(speed, dot_product_probes());
#endif
#endif
  return speed;
}

}  // namespace

const MachineSpeed& machine_speed() {
  static const MachineSpeed speed = measure();
  return speed;
}

}  // namespace ladder
