// The engines on the device, as the tables name them.
#include "08_hardware/cuda/device.hpp"

#include <memory>
#include <vector>

#include <fmt/format.h>

#include "08_hardware/cuda/device/engines.hpp"
#include "08_hardware/cuda/emulated.hpp"
#include "common/error.hpp"

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

using Made = std::unique_ptr<Engine>;

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
      kind_of("v1_per_op", "a kernel an operation", fp32_error,
              [](const MicroGpt& m) -> Made { return make_ops(m, false); }),
      kind_of("v2_graph", "the same, captured in a graph", fp32_error,
              [](const MicroGpt& m) -> Made { return make_ops(m, true); }),
      kind_of("v3_persistent", "one warp, one launch, shared memory", fp32_error,
              [](const MicroGpt& m) -> Made { return make_persistent(m); }),
      kind_of("v4_one_stream", "all lanes, registers", fp32_error,
              [](const MicroGpt& m) -> Made { return make_one_stream(m, false); }),
      kind_of("v4_tables", "the same, places looked up", fp32_error,
              [](const MicroGpt& m) -> Made { return make_one_stream(m, true); }),
      kind_of("v5_streams", "a stream a warp, the chip full", fp32_error,
              [](const MicroGpt& m) -> Made { return make_many_streams(m, 0); }),
      kind_of("v6_tensor", "sixteen streams a warp, mma", tf32_error,
              [](const MicroGpt& m) -> Made { return make_tensor(m, 0); })};
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

}  // namespace ladder::gpu
