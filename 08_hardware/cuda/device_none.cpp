// Built without nvcc: there is no device, and a line says so.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "08_hardware/cuda/device.hpp"
#include "common/error.hpp"

namespace ladder::gpu {

std::string no_device_because() { return LADDER_NO_CUDA_BECAUSE; }

void need_device() { throw Error(no_device_because() + "; --lanes needs none"); }

std::span<const EngineKind> device_engines() { return {}; }

void print_device() {
  fmt::print("no GPU: {};\nan emulated warp runs the same programs\n", no_device_because());
}

nlohmann::json study_device(const MicroGpt&, const BenchOptions&) {
  fmt::print("\nnot measured on a GPU: {}\n", no_device_because());
  return nullptr;
}

}  // namespace ladder::gpu
