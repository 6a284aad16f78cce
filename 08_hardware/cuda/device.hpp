#pragma once
/// \file
/// The device: whether there is one, and the engines on it. Where there was no nvcc to build them,
/// device_none.cpp stands in.

#include <span>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "07_fast_inference/bench/bench.hpp"
#include "07_fast_inference/model/engine_kind.hpp"

namespace ladder::gpu {

/// Why nothing can run on a GPU here; empty if it can.
std::string no_device_because();

/// \throws Error saying why, if there is no device
void need_device();

/// `v1_per_op`, `v2_graph`, `v3_persistent`, `v4_one_stream`, `v4_tables`, `v5_streams`,
/// `v6_tensor`; none where there is no device.
std::span<const EngineKind> device_engines();

/// One line on the device, or why there is none.
void print_device();

/// Measures and prints what a table of speeds does not say: µs a launch, occupancy, tokens/s by
/// CUDA's events, how they grow with streams, and where `nvidia-smi` tells it, watts and tokens per
/// joule. Without a device it says so. \returns for --json; null without a device
nlohmann::json study_device(const MicroGpt& model, const BenchOptions& options);

}  // namespace ladder::gpu
