#include "08_hardware/cuda/device.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "08_hardware/cuda/device/engines.hpp"
#include "08_hardware/cuda/emulated.hpp"
#include "common/error.hpp"
#include "common/timing.hpp"

namespace ladder::gpu {
namespace {

EngineKind kind_of(const char* name, const char* idea, double error,
                   std::unique_ptr<Engine> (*make)(const MicroGpt&)) {
  return {.name = name,
          .precision = error > fp32_error ? "tf32" : "fp32",
          .idea = idea,
          .caches = false,
          .many_streams = false,  // on several threads of the host there is still one device
          .allowed_error = error,
          .make = make,
          .clock = Clock::wall};
}

// What the GPU draws now, in watts; nothing where nvidia-smi does not say.
std::optional<double> read_watts() {
  struct Close {
    void operator()(std::FILE* file) const { (void)::pclose(file); }
  };
  const std::unique_ptr<std::FILE, Close> pipe(
      ::popen("nvidia-smi --query-gpu=power.draw --format=csv,noheader,nounits 2>/dev/null", "r"));
  double watts = 0;
  if (!pipe || std::fscanf(pipe.get(), "%lf", &watts) != 1 || !(watts > 0)) return {};
  return watts;
}

// Tokens a second of a started engine: median of many launches of at least 10 ms each, warmed up.
double tokens_per_second(Engine& engine, int rounds) {
  engine.start(42, 1);
  int steps = 64;
  while (time_launch(engine, steps) < 0.01 && steps < 1 << 18) steps *= 2;
  std::vector<double> speeds;
  for (int i = 0; i < rounds; ++i) {
    speeds.push_back(static_cast<double>(steps) * engine.streams() / time_launch(engine, steps));
  }
  return median(speeds);
}

// Watts are those in the middle of about two seconds of work.
void print_row(const char* name, Engine& engine, int rounds) {
  const double speed = tokens_per_second(engine, rounds);
  std::optional<double> watts;
  const Stopwatch watch;
  for (bool asked = false; watch.seconds() < 2;) {
    (void)time_launch(engine, 4096);
    if (!asked && watch.seconds() > 1) {
      watts = read_watts();
      asked = true;
    }
  }
  fmt::print("{:<16} {:>8} {:>16.0f} {:>8} {:>14}\n", name, engine.streams(), speed,
             watts ? fmt::format("{:.0f}", *watts) : "-",
             watts ? fmt::format("{:.0f}", speed / *watts) : "-");
}

}  // namespace

std::string no_device_because() {
  static const std::string answer = ask_for_device();
  return answer;
}

void need_device() {
  const std::string why_not = no_device_because();
  if (!why_not.empty()) throw Error(why_not + "; --lanes needs none");
}

std::span<const EngineKind> device_engines() {
  static const std::vector<EngineKind> all = {
      kind_of("v1_launch_per_op", "a kernel an operation", fp32_error,
              [](const MicroGpt& m) { return make_ops(m, false); }),
      kind_of("v2_graph", "the same, captured in a graph", fp32_error,
              [](const MicroGpt& m) { return make_ops(m, true); }),
      kind_of("v3_persistent", "one warp, one launch, shared memory", fp32_error,
              [](const MicroGpt& m) { return make_persistent(m); }),
      kind_of("v4_one_stream", "all lanes, registers", fp32_error,
              [](const MicroGpt& m) { return make_one_stream(m, false); }),
      kind_of("v4_tables", "the same, places looked up", fp32_error,
              [](const MicroGpt& m) { return make_one_stream(m, true); }),
      kind_of("v5_many_streams", "a stream a warp, the chip full", fp32_error,
              [](const MicroGpt& m) { return make_many_streams(m, 0); }),
      kind_of("v6_tensor_cores", "sixteen streams a warp, mma", tf32_error,
              [](const MicroGpt& m) { return make_tensor(m, 0); })};
  if (!no_device_because().empty()) return {};
  return all;
}

void print_device() {
  if (const std::string why_not = no_device_because(); !why_not.empty()) {
    fmt::print("no GPU: {};\nan emulated warp runs the same programs\n", why_not);
    return;
  }
  const DeviceFacts facts = device_facts();
  fmt::print("GPU {}, architecture {}, {} multiprocessors,\ndriver for CUDA {}, runtime {}\n",
             facts.name, facts.architecture, facts.processors, facts.driver, facts.runtime);
}

void print_device_study(const MicroGpt& model, const BenchOptions& options) {
  need_device();
  print_device();
  const LaunchCosts costs = measure_launches();
  fmt::print("\nlaunches, median of 101 rounds, CUDA events, µs each\n");
  fmt::print("  a kernel, one of many in a row       {:>8.2f}\n", costs.kernel_us);
  fmt::print("  a kernel, waited for                 {:>8.2f}\n", costs.kernel_wait_us);
  fmt::print("  a graph of 18 kernels, waited for    {:>8.2f}\n", costs.graph_us);

  fmt::print("\n{:<20} {:>8} {:>10} {:>8} {:>10} {:>10}\n", "kernel", "threads", "registers",
             "shared", "blocks", "occupancy");
  for (const Occupancy& o : occupancies()) {
    fmt::print("{:<20} {:>8} {:>10} {:>8} {:>10} {:>9.0f}%\n", o.kernel, o.threads_a_block,
               o.registers, o.shared_bytes, o.blocks_a_processor, 100 * o.share);
  }

  fmt::print("\n{:<16} {:>8} {:>16} {:>8} {:>14}\n", "engine", "streams", "tokens/s", "watts",
             "tokens/joule");
  print_row("v3_persistent", *make_persistent(model), options.rounds);
  print_row("v4_one_stream", *make_one_stream(model, false), options.rounds);
  print_row("v4_tables", *make_one_stream(model, true), options.rounds);
  const int most = make_many_streams(model, 0)->streams();
  for (int streams = 1; streams < most; streams *= 4) {
    print_row("v5_many_streams", *make_many_streams(model, streams), options.rounds);
  }
  print_row("v5_many_streams", *make_many_streams(model, most), options.rounds);
  print_row("v6_tensor_cores", *make_tensor(model, 0), options.rounds);
}

}  // namespace ladder::gpu
