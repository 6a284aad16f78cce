// What a launch costs, how full the chip is, how speed grows with streams, and what it draws.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "08_hardware/cuda/device.hpp"
#include "08_hardware/cuda/device/engines.hpp"
#include "common/program.hpp"
#include "common/progress.hpp"
#include "common/timing.hpp"

namespace ladder::gpu {
namespace {

// What the GPU draws now, in watts; nothing where nvidia-smi does not say.
std::optional<double> read_watts(const std::string& bus) {
  struct Close {
    void operator()(std::FILE* file) const { (void)::pclose(file); }
  };
  const std::string command = "nvidia-smi --id=" + bus +
                              " --query-gpu=power.draw --format=csv,noheader,nounits 2>/dev/null";
  const std::unique_ptr<std::FILE, Close> pipe(::popen(command.c_str(), "r"));
  double watts = 0;
  if (!pipe || std::fscanf(pipe.get(), "%lf", &watts) != 1 || !(watts > 0)) return {};
  return watts;
}

// Tokens a second of a started engine: median of turns of at least 10 ms, warmed up.
double tokens_per_second(DeviceEngine& engine, int rounds, int& steps) {
  engine.start(42, 1);
  steps = 64;
  while (engine.time_tokens(steps) < 0.01 && steps < 1 << 18) steps *= 2;
  std::vector<double> speeds;
  for (int i = 0; i < rounds; ++i) {
    speeds.push_back(static_cast<double>(steps) * engine.streams() / engine.time_tokens(steps));
  }
  return median(speeds);
}

// Watts in the second second of work; the asking is done beside it, lest the GPU rest meanwhile.
std::optional<double> watts_at_work(DeviceEngine& engine, int steps, const std::string& bus) {
  std::future<std::optional<double>> watts;
  const Stopwatch watch;
  for (;;) {
    (void)engine.time_tokens(steps);
    if (!watts.valid() && watch.seconds() > 1) {
      watts = std::async(std::launch::async, read_watts, bus);
    }
    if (watts.valid() && watts.wait_for(std::chrono::seconds(0)) == std::future_status::ready) {
      return watts.get();
    }
  }
}

nlohmann::json measure(const char* name, DeviceEngine& engine, int rounds, const std::string& bus) {
  int steps = 0;
  const double speed = tokens_per_second(engine, rounds, steps);
  const std::optional<double> watts = watts_at_work(engine, steps, bus);
  const double microseconds = 1e6 * engine.streams() / speed;
  fmt::print("{:<14} {:>7} {:>15.0f} {:>10.3f} {:>6} {:>12}\n", name, engine.streams(), speed,
             microseconds, watts ? fmt::format("{:.0f}", *watts) : "-",
             watts ? fmt::format("{:.0f}", speed / *watts) : "-");
  nlohmann::json row = {{"engine", name},
                        {"streams", engine.streams()},
                        {"tokens_per_second", speed},
                        {"microseconds_a_token", microseconds},
                        {"rounds", rounds},
                        {"watts", nullptr},
                        {"tokens_per_joule", nullptr}};
  if (watts) {
    row["watts"] = *watts;
    row["tokens_per_joule"] = speed / *watts;
  }
  return row;
}

nlohmann::json study_launches(bool final_norm) {
  const LaunchCosts costs = measure_launches(final_norm);
  fmt::print("\nlaunches, median of 101 rounds, CUDA events, µs each\n");
  fmt::print("  a kernel, one of many in a row       {:>8.2f}\n", costs.kernel_us);
  fmt::print("  a kernel, waited for                 {:>8.2f}\n", costs.kernel_wait_us);
  fmt::print("  a graph of {} kernels, waited for    {:>8.2f}\n", costs.kernels, costs.graph_us);
  return {{"kernels_a_token", costs.kernels},
          {"kernel_us", costs.kernel_us},
          {"kernel_wait_us", costs.kernel_wait_us},
          {"graph_us", costs.graph_us}};
}

nlohmann::json study_occupancies() {
  fmt::print("\n{:<20} {:>8} {:>10} {:>8} {:>8} {:>10}\n", "kernel", "threads", "registers",
             "shared", "blocks", "occupancy");
  nlohmann::json rows = nlohmann::json::array();
  for (const Occupancy& o : occupancies()) {
    fmt::print("{:<20} {:>8} {:>10} {:>8} {:>8} {:>9.0f}%\n", o.kernel, o.threads_a_block,
               o.registers, o.shared_bytes, o.blocks_a_processor, 100 * o.share);
    rows.push_back({{"kernel", o.kernel},
                    {"threads_a_block", o.threads_a_block},
                    {"registers", o.registers},
                    {"shared_bytes", o.shared_bytes},
                    {"blocks_a_processor", o.blocks_a_processor},
                    {"occupancy", o.share}});
  }
  return rows;
}

nlohmann::json study_speeds(const MicroGpt& model, const BenchOptions& options,
                            const std::string& bus) {
  struct Row {
    const char* name;
    std::function<std::unique_ptr<DeviceEngine>()> make;
  };
  std::vector<Row> rows = {{"v1_per_op", [&] { return make_ops(model, false); }},
                           {"v2_graph", [&] { return make_ops(model, true); }},
                           {"v3_persistent", [&] { return make_persistent(model); }},
                           {"v4_one_stream", [&] { return make_one_stream(model, false); }},
                           {"v4_tables", [&] { return make_one_stream(model, true); }}};
  const int most = make_many_streams(model, 0)->streams();
  for (int streams = 1; streams < 4 * most; streams *= 4) {
    const int count = std::min(streams, most);
    rows.push_back({"v5_streams", [&model, count] { return make_many_streams(model, count); }});
  }
  rows.push_back({"v6_tensor", [&] { return make_tensor(model, 0); }});

  fmt::print("\nCUDA events, median of {} rounds; watts of the whole board\n", options.rounds);
  fmt::print("{:<14} {:>7} {:>15} {:>10} {:>6} {:>12}\n", "engine", "streams", "tokens/s",
             "µs a token", "watts", "tokens/joule");
  nlohmann::json all = nlohmann::json::array();
  Progress progress("GPU", static_cast<long>(rows.size()), options.quiet);
  for (const Row& row : rows) {
    all.push_back(measure(row.name, *row.make(), options.rounds, bus));
    progress.update(static_cast<long>(all.size()), 0);
    if (interrupted()) break;
  }
  return all;
}

}  // namespace

nlohmann::json study_device(const MicroGpt& model, const BenchOptions& options) {
  if (const std::string why_not = no_device_because(); !why_not.empty()) {
    fmt::print("\nnot measured on a GPU: {}\n", why_not);
    return nullptr;
  }
  const DeviceFacts facts = device_facts();
  nlohmann::json json = {{"name", facts.name},
                         {"architecture", facts.architecture},
                         {"driver", facts.driver},
                         {"runtime", facts.runtime},
                         {"processors", facts.processors}};
  json["launches"] = study_launches(model.final_norm);
  json["occupancy"] = study_occupancies();
  json["speeds"] = study_speeds(model, options, facts.bus);
  return json;
}

}  // namespace ladder::gpu
