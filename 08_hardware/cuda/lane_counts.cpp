#include "08_hardware/cuda/lane_counts.hpp"

#include <cstdint>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "08_hardware/cuda/emulated.hpp"

namespace ladder::gpu {
namespace {

constexpr std::size_t steps = 500;
constexpr const char* part_names[] = {"matrices", "attention", "norms", "draw"};
static_assert(std::size(part_names) == static_cast<std::size_t>(Part::count));

Tally whole_of(const TokenTallies& tallies) {
  Tally whole;
  for (const Tally& tally : tallies) whole += tally;
  return whole;
}

nlohmann::json to_json(const Tally& tally, double tokens) {
  const auto each = [tokens](std::uint64_t count) { return static_cast<double>(count) / tokens; };
  return {{"instructions", each(tally.instructions)},
          {"lanes", each(tally.lanes)},
          {"utilisation", tally.utilisation()},
          {"shuffles", each(tally.shuffles)},
          {"memory", each(tally.memory)},
          {"wavefronts", each(tally.wavefronts)}};
}

void print_row(std::string_view engine, const TokenTallies& tallies, double tokens) {
  const Tally whole = whole_of(tallies);
  fmt::print("{:<16}", engine);
  const auto show = [&](const Tally& tally) {
    fmt::print(" {:>6.0f} {:>3.0f}%", static_cast<double>(tally.instructions) / tokens,
               100 * tally.utilisation());
  };
  for (const Tally& tally : tallies) show(tally);
  show(whole);
  fmt::print("\n{:<16}   {:.0f} shuffles, {:.0f} loads and stores\n", "",
             static_cast<double>(whole.shuffles) / tokens,
             static_cast<double>(whole.memory) / tokens);
}

}  // namespace

TokenTallies count_lanes(Engine& engine, std::size_t count) {
  std::vector<std::uint8_t> tokens(count * static_cast<std::size_t>(engine.streams()));
  engine.start(42, 1);
  engine.generate(tokens);  // a name that has begun, as in the middle of any run
  lockstep = {};
  engine.generate(tokens);
  const TokenTallies counted = lockstep.tallies;
  lockstep = {};
  return counted;
}

nlohmann::json study_lanes(const MicroGpt& model) {
  fmt::print("\nemulated warp: instructions of a token, and lanes of 32 that work in them\n");
  fmt::print("{:<16}", "engine");
  for (const char* part : part_names) fmt::print(" {:>11}", part);
  fmt::print(" {:>11}\n", "whole");
  nlohmann::json rows = nlohmann::json::array();
  for (const EngineKind& kind : emulated_engines()) {
    if (kind.name == "host_v1") continue;  // its threads are no warp
    const auto engine = kind.make(model);
    const TokenTallies tallies = count_lanes(*engine, steps);
    const double tokens = static_cast<double>(steps) * engine->streams();
    print_row(kind.name, tallies, tokens);
    nlohmann::json parts;
    for (std::size_t i = 0; i < tallies.size(); ++i) {
      parts[part_names[i]] = to_json(tallies[i], tokens);
    }
    parts["whole"] = to_json(whole_of(tallies), tokens);
    rows.push_back({{"engine", kind.name}, {"tokens", tokens}, {"parts", parts}});
  }
  return rows;
}

}  // namespace ladder::gpu
