// What the runtime says of the device, and the clock around a launch.
#include "08_hardware/cuda/device/engines.hpp"
#include "08_hardware/cuda/device/occupancies.cuh"
#include "08_hardware/cuda/device/warp_engine.cuh"

namespace ladder::gpu {
namespace {

__global__ void is_there(int* answer) { *answer = 42; }

std::string version_of(int number) {
  return std::to_string(number / 1000) + "." + std::to_string(number % 1000 / 10);
}

}  // namespace

std::string ask_for_device() {
  int count = 0;
  int driver = 0;
  if (cudaDriverGetVersion(&driver) == cudaSuccess && driver == 0) {
    return "no driver for an NVIDIA GPU is here";
  }
  const cudaError_t result = cudaGetDeviceCount(&count);
  if (result != cudaSuccess) return std::string("CUDA says: ") + cudaGetErrorString(result);
  if (count == 0) return "no GPU is found";
  try {
    DeviceArray<int> answer;
    is_there<<<1, 1>>>(answer.data());
    check_launch("is_there");
    int number = 0;
    answer.download(&number, 1);
    return number == 42 ? "" : "the GPU gives wrong answers";
  } catch (const std::runtime_error& error) {  // for example, built for other architectures
    return error.what();
  }
}

DeviceFacts device_facts() {
  int device = 0, driver = 0, runtime = 0;
  cudaDeviceProp properties;
  check(cudaGetDevice(&device), "cudaGetDevice");
  check(cudaGetDeviceProperties(&properties, device), "cudaGetDeviceProperties");
  check(cudaDriverGetVersion(&driver), "cudaDriverGetVersion");
  check(cudaRuntimeGetVersion(&runtime), "cudaRuntimeGetVersion");
  DeviceFacts facts;
  facts.name = properties.name;
  facts.architecture = std::to_string(properties.major) + "." + std::to_string(properties.minor);
  facts.driver = version_of(driver);
  facts.runtime = version_of(runtime);
  char bus[32] = "";
  check(cudaDeviceGetPCIBusId(bus, sizeof bus, device), "cudaDeviceGetPCIBusId");
  facts.bus = bus;
  facts.processors = properties.multiProcessorCount;
  facts.shared_bytes_a_block = static_cast<int>(properties.sharedMemPerBlockOptin);
  return facts;
}

std::vector<Occupancy> occupancies() {
  return {occupancy_of_persistent(), occupancy_of_one_stream(), occupancy_of_many_streams(),
          occupancy_of_tensor()};
}

}  // namespace ladder::gpu
