// Why a GPU loses, and what makes it win: from a kernel an operation to matrix units.

#include <vector>

#include "07_fast_inference/bench/engine_main.hpp"
#include "08_hardware/cuda/device.hpp"
#include "08_hardware/cuda/emulated.hpp"

int main(int argc, char** argv) {
  using namespace ladder;
  // 1. Engines on the device, if there is one, then those that this processor emulates.
  std::vector<EngineKind> kinds;
  for (const EngineKind& kind : gpu::device_engines()) kinds.push_back(kind);
  for (const EngineKind& kind : gpu::emulated_engines()) kinds.push_back(kind);

  // 2. What only this program has: the device, its launches, and what the lanes do.
  const EngineProgram program{
      .description = "Stage 8, CUDA: the model on a GPU, from ceremony to work.",
      .before_judging = gpu::print_device,
      .studies = {{"--lanes", "lanes that work, counted on an emulated warp",
                   [](const MicroGpt& model, const BenchOptions&) { gpu::print_lanes(model); }},
                  {"--device", "µs a launch, occupancy, speed by streams, tokens per joule",
                   gpu::print_device_study, [](const MicroGpt&) { gpu::need_device(); }}}};

  // 3. What every program with engines has: names, the judge's table, the speed table.
  return engine_main(kinds, argc, argv, program);
}
