#include "07_fast_inference/study/breakdown.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "07_fast_inference/bench/floors.hpp"
#include "07_fast_inference/study/breakdown_parts.hpp"
#include "common/error.hpp"

namespace ladder {
namespace {

constexpr auto fp32 = &MultiplyAdds::fp32, int16 = &MultiplyAdds::int16, int8 = &MultiplyAdds::int8;

constexpr Dissected dissected[] = {
    {"eigen_dynamic", fp32, fp32, fp32, fp32},
    {"columns", fp32, fp32, fp32, fp32},
    {"tables", fp32, fp32, fp32, fp32, true, 2},
    {"q4_12", int16, int16, int16, int16, true, 0},
    {"int16", fp32, fp32, int16, fp32, true, 2},
    {"streams", fp32, fp32, fp32, fp32, true, 2},
    {"streams_int16", fp32, int16, int16, int16, true, 2},
    {"streams_int8", fp32, int16, int8, int16, true, 2},
};

using Line = std::array<std::optional<double>, part_count>;

void print_line(const char* name, const Line& parts, const std::optional<double>& sum,
                const std::optional<double>& whole) {
  const auto cell = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.0f}", *value) : "-";
  };
  fmt::print("{:<14}", name);
  for (const auto& part : parts) fmt::print(" {:>6}", cell(part));
  fmt::print(" {:>6} {:>6}\n", cell(sum), cell(whole));
}

// What each part's multiply-adds take at the peak; nothing where it has none.
Line floors_of(const Dissected& engine, const PositionShares& shares, const CoreSpeed& core) {
  Line line;
  for (std::size_t i = 0; i < part_count && core.peak.fp32 > 0; ++i) {
    const double cycles = mean_over(shares, [&](int position) {
      return engine.multiply_adds(static_cast<Part>(i), position).cycles_at(core.peak);
    });
    if (cycles > 0) line.at(i) = cycles;
  }
  return line;
}

}  // namespace

MultiplyAdds Dissected::multiply_adds(Part part, int position) const {
  constexpr double square = n_embd * n_embd;
  MultiplyAdds result;
  if (part == Part::qkv && !looks_up) result.*attention += 3 * square;
  if (part == Part::attention) {
    result.*attention += 2.0 * n_embd * std::max(position + 1 - scores_looked_up, 0);
    result.*wo += square;
  }
  if (part == Part::mlp) result.*mlp += 2.0 * n_hidden * n_embd;
  if (part == Part::head) result.*head += 1.0 * vocab_size * n_embd;
  return result;
}

std::span<const Dissected> all_dissected() { return dissected; }

void check_breakdown(const MicroGpt& model) {
  if (!model.final_norm) return;
  throw UsageError(
      "--breakdown takes microGPT's variant apart, and these weights have gains; "
      "06_gpt_adam --microgpt trains weights for it");
}

void print_breakdown(std::span<const EngineKind> list, const MicroGpt& model,
                     const BenchOptions& options) {
  // 1. The whole engines.
  std::vector<const EngineKind*> kinds;
  for (const Dissected& each : dissected) kinds.push_back(&find_engine(list, each.engine));
  BenchOptions one_thread = options;
  one_thread.threads = 1;
  const auto rows = run_bench(kinds, model, one_thread);

  // 2. Their parts.
  const auto places = places_of_names(model, options);
  const auto vectors = time_vectors(model, places, options);
  const auto parts_of = [&](std::size_t i, double whole) {
    const std::string_view name = dissected[i].engine;
    if (name == "eigen_dynamic") return time_eigen(model, places, options.rounds);
    if (name == "columns") return vectors[0];
    if (name == "tables") return vectors[1];
    if (name == "streams_int16") return time_integers(model, 16, options, whole);
    if (name == "streams_int8") return time_integers(model, 8, options, whole);
    return time_while_running(*kinds[i]->make(model), options);
  };

  // 3. Beside each other, and what is the least that each part can take.
  const auto shares = position_shares(model, options.seed, options.temperature);
  fmt::print("\n{:<14} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6}\n", "cycles a token",
             "embed", "norms", "q,k,v", "attend", "MLP", "head", "draw", "sum", "whole");
  for (std::size_t i = 0; i < std::size(dissected); ++i) {
    const double whole = rows[i].cycles_per_token.value_or(0);
    const Cycles parts = parts_of(i, whole);
    const double sum = parts.sum();
    print_line(dissected[i].engine, parts, sum > 0 ? std::optional(sum) : std::nullopt, whole);
    print_line("  at peak", floors_of(dissected[i], shares, machine_speed().core),
               rows[i].peak_floor_cycles, {});
  }
}

}  // namespace ladder
