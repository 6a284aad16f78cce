#pragma once
/// \file
/// The device: whether there is one, and the engines on it. Where there was no nvcc to build them,
/// device_none.cpp stands in.

#include <span>
#include <string>

#include "07_fast_inference/bench/bench.hpp"
#include "07_fast_inference/model/engine_kind.hpp"

namespace ladder::gpu {

/// Why nothing can run on a GPU here; empty if it can.
std::string no_device_because();

/// \throws Error saying why, if there is no device
void need_device();

/// `v1_launch_per_op` … `v6_tensor_cores`; none where there is no device.
std::span<const EngineKind> device_engines();

/// One line on the device, or why there is none.
void print_device();

/// What a speed table does not say: µs a launch, occupancy, how speed grows with streams, and where
/// `nvidia-smi` tells it, watts and tokens per joule.
void print_device_study(const MicroGpt& model, const BenchOptions& options);

}  // namespace ladder::gpu
