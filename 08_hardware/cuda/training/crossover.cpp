#include "08_hardware/cuda/training/crossover.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "08_hardware/cuda/training/judge_gradient.hpp"
#include "common/error.hpp"
#include "common/machine.hpp"
#include "common/program.hpp"
#include "common/progress.hpp"
#include "common/results.hpp"

namespace ladder::gpu {
namespace {

constexpr int widths[] = {16, 64, 128};
constexpr int batch_sizes[] = {16, 32, 64, 128, 256, 512, 1024, 2048, 4096};
constexpr Variant variants[] = {Variant::launch_per_op, Variant::persistent};
constexpr int batches_in_turn = 8;
constexpr double allowed_error = 1e-3;  // a gradient's, as a part of its matrix's largest

// Whether the device computes what it is timed for.
void judge(const std::vector<Tokens>& names, std::uint64_t seed) {
  fmt::print("\nlargest error of a gradient against stage 06's tape, 64 names\n");
  for (const int width : widths) {
    Gpt gpt(trained_config(width), Random(seed));
    const auto& batch = Batches(names, 64, seed).next();
    for (const Variant variant : variants) {
      const auto trainer = make_device_trainer({width}, numbers_of(gpt), variant);
      const double error = largest_gradient_error(*trainer, gpt, batch);
      fmt::print("  width {:>3}  {:<20} {:.1e}\n", width, name_of(variant), error);
      if (!(error < allowed_error)) throw Error("the GPU's gradients are wrong; not measured");
    }
  }
}

// The batches that a row is measured on, and how many positions they have on average.
struct PackedBatches {
  std::vector<PackedRows> packed;
  double positions = 0;
};

PackedBatches pack_batches(const std::vector<Tokens>& names, int size, std::uint64_t seed) {
  PackedBatches result;
  Batches batches(names, static_cast<std::size_t>(size), seed);
  for (int i = 0; i < batches_in_turn; ++i) {
    result.packed.push_back(pack_rows(batches.next()));
    result.positions += static_cast<double>(result.packed.back().rows) / batches_in_turn;
  }
  return result;
}

void print_head() {
  fmt::print("\nµs a step: the batch's copy, forward, backward, Adam\n\n");
  fmt::print("{:>5} {:>6} {:>9} {:>12} {:>12} {:>12}  {}\n", "width", "batch", "positions",
             "per op", "persistent", "processor", "least");
}

void print_row(int width, int batch, double positions, const double (&us)[2],
               const std::optional<StepRow>& processor) {
  const double gpu = std::min(us[0], us[1]);
  std::string least = us[0] < us[1] ? "per op" : "persistent";
  if (processor && processor->microseconds < gpu) least = "processor";
  fmt::print("{:>5} {:>6} {:>9.0f} {:>12.1f} {:>12.1f} {:>12}  {}\n", width, batch, positions,
             us[0], us[1], processor ? fmt::format("{:.1f}", processor->microseconds) : "-", least);
}

}  // namespace

std::vector<StepRow> read_steps(const std::vector<std::string>& files) {
  std::vector<StepRow> rows;
  for (const std::string& file : files) {
    const nlohmann::json json = read_json(file);
    try {
      for (const nlohmann::json& row : json.at("rows")) {
        const nlohmann::json& us = row.at("us_per_step");
        if (us.is_null()) continue;  // not measured
        rows.push_back({row.at("engine"), row.at("width"), row.at("batch"), us});
      }
    } catch (const nlohmann::json::exception&) {
      throw Error(file + " has no steps; 09_fast_training --bench --json FILE writes them");
    }
  }
  return rows;
}

std::optional<StepRow> quickest(const std::vector<StepRow>& rows, int width, int batch) {
  std::optional<StepRow> best;
  for (const StepRow& row : rows) {
    if (row.width != width || row.batch != batch) continue;
    if (!best || row.microseconds < best->microseconds) best = row;
  }
  return best;
}

void run_crossover(const std::vector<Tokens>& names, const CrossoverOptions& options) {
  const std::vector<StepRow> processor = read_steps(options.beside);
  judge(names, options.seed);

  nlohmann::json rows = nlohmann::json::array();
  const auto measure = [&](int width, int size, Variant variant, const PackedBatches& batches) {
    Gpt gpt(trained_config(width), Random(options.seed));
    const auto trainer = make_device_trainer({width}, numbers_of(gpt), variant);
    const double us = microseconds_a_step(*trainer, batches.packed, options.rounds);
    rows.push_back({{"width", width},
                    {"batch", size},
                    {"engine", name_of(variant)},
                    {"us_per_step", us},
                    {"floor_us_per_step", nullptr},
                    {"positions", batches.positions}});
    return us;
  };
  print_head();
  {
    Progress progress("08_cuda --crossover", std::size(widths) * std::size(batch_sizes),
                      options.quiet);
    for (const int width : widths) {
      for (const int size : batch_sizes) {
        if (interrupted()) break;
        const PackedBatches batches = pack_batches(names, size, options.seed);
        double us[2] = {};
        for (std::size_t i = 0; i < 2; ++i) us[i] = measure(width, size, variants[i], batches);
        print_row(width, size, batches.positions, us, quickest(processor, width, size));
        progress.update(std::ssize(rows) / 2, us[1]);
      }
    }
  }
  fmt::print("\nCUDA events, median of {} rounds; the processor's: --beside\n", options.rounds);
  if (options.json.empty()) return;
  nlohmann::json json = measurement_json("08_cuda", rows);
  json["gpu"] = device_name();
  json["clock"] = "CUDA events";
  json["rounds"] = options.rounds;
  write_json(options.json, json);
}

}  // namespace ladder::gpu
