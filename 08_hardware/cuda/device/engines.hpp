#pragma once
/// \file
/// What each of the device's files gives: its engine, and what the study asks of it. Plain C++.

#include <memory>
#include <string>
#include <vector>

#include "07_fast_inference/model/engine.hpp"

namespace ladder::gpu {

/// What the device says of itself.
struct DeviceFacts {
  std::string name, architecture, driver, runtime;
  std::string bus;               ///< its place in this machine, as nvidia-smi takes it
  int processors = 0;            ///< streaming multiprocessors
  int shared_bytes_a_block = 0;  ///< at most, if a kernel opts in
};

/// \throws std::runtime_error if there is none; no_device_because() asks without throwing
DeviceFacts device_facts();

/// As no_device_because(), of the runtime alone.
std::string ask_for_device();

/// A kernel, and how much of the chip it fills.
struct Occupancy {
  std::string kernel;
  int threads_a_block = 0, registers = 0, shared_bytes = 0;
  int blocks_a_processor = 0;  ///< that fit at once
  double share = 0;            ///< warps that fit, of those that a processor can hold
};

/// Of v3 to v6, in this order.
std::vector<Occupancy> occupancies();

/// Microseconds that a launch takes, median of many.
struct LaunchCosts {
  double kernel_us = 0;       ///< an empty kernel, one of many in a row
  double kernel_wait_us = 0;  ///< an empty kernel, and waiting for it
  int kernels = 0;            ///< that v1 launches a token
  double graph_us = 0;        ///< a graph of so many empty kernels, and waiting for it
};

/// Measures them. \param final_norm  of the model, for which v1 launches one kernel more
LaunchCosts measure_launches(bool final_norm);

/// An engine that also knows the device's clock.
class DeviceEngine : public Engine {
 public:
  using Engine::Engine;
  /// Seconds that writing so many tokens of each stream takes on the device, after start(): CUDA's
  /// events before and behind. v1 and v2 fetch each token meanwhile, v3 to v6 leave all there.
  virtual double time_tokens(int steps) = 0;
};

/// v1: a kernel an operation. \param graph  v2: all of a token captured in a graph
std::unique_ptr<DeviceEngine> make_ops(const MicroGpt& model, bool graph);
/// v3: one warp, weights in shared memory.
std::unique_ptr<DeviceEngine> make_persistent(const MicroGpt& model);
/// v4: one warp, weights in registers. \param tables  places are looked up
std::unique_ptr<DeviceEngine> make_one_stream(const MicroGpt& model, bool tables);
/// v5: a stream a warp. \param streams  0: as many as fit on the chip at once
std::unique_ptr<DeviceEngine> make_many_streams(const MicroGpt& model, int streams);
/// v6: sixteen streams a warp. \param streams  a multiple of 16; 0: as many as fit at once
std::unique_ptr<DeviceEngine> make_tensor(const MicroGpt& model, int streams);

}  // namespace ladder::gpu
