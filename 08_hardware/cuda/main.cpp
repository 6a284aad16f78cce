// Why a GPU loses, and what makes it win: from a kernel an operation to matrix units.

#include <vector>

#include <nlohmann/json.hpp>

#include "07_fast_inference/bench/engine_main.hpp"
#include "08_hardware/cuda/device.hpp"
#include "08_hardware/cuda/emulated.hpp"
#include "08_hardware/cuda/lane_counts.hpp"
#include "08_hardware/cuda/training/program.hpp"

int main(int argc, char** argv) {
  using namespace ladder;
  if (gpu::is_training_asked(argc, argv)) return gpu::training_main(argc, argv);

  // 1. Engines on the device, if there is one, then those that this processor emulates.
  std::vector<EngineKind> kinds;
  for (const EngineKind& kind : gpu::device_engines()) kinds.push_back(kind);
  for (const EngineKind& kind : gpu::emulated_engines()) kinds.push_back(kind);

  // 2. What only this program has: the device, its launches, and what the lanes do.
  const EngineProgram program{
      .description =
          "Stage 8, CUDA: the model on a GPU, from ceremony to work. With --train or "
          "--crossover it trains instead (--train --help).",
      .before_judging = gpu::print_device,
      .studies = {{"--lanes", "lanes that work, counted on an emulated warp",
                   [](const MicroGpt& model, const BenchOptions&) { gpu::study_lanes(model); }},
                  {"--device", "µs a launch, occupancy, speed by streams, tokens per joule",
                   [](const MicroGpt& model, const BenchOptions& options) {
                     gpu::study_device(model, options);
                   },
                   [](const MicroGpt&) { gpu::need_device(); }}},
      .bench_more = [](const MicroGpt& model, const BenchOptions& options, nlohmann::json& json) {
        json["device"] = gpu::study_device(model, options);
        json["no_device_because"] = gpu::no_device_because();
        json["emulated_warp"] = gpu::study_lanes(model);
      }};

  // 3. What every program with engines has: names, the judge's table, the speed table.
  return engine_main(kinds, argc, argv, program);
}
