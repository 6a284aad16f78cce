// What was measured, for the reader and for programs.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "07_fast_inference/bench/bench.hpp"
#include "07_fast_inference/bench/floors.hpp"
#include "common/machine.hpp"
#include "common/terminal.hpp"

namespace ladder {
namespace {

struct ClockWords {
  const char *in_table, *in_json;
};

ClockWords words_of(Clock clock) {
  if (clock == Clock::wall) return {"wall", "wall"};
  if (clock == Clock::simulated) return {"chip", "simulated"};
  return {"cpu", "thread_cpu"};
}

void print_cache(const CacheUse& use, std::size_t warm_up_tokens) {
  const auto megabytes = [](std::size_t bytes) { return static_cast<double>(bytes) / 1e6; };
  fmt::print(
      "{0:>14} trie {1:.1f} MB of at most {2:.1f}; {3:.1f}% of the tokens remembered,\n"
      "{0:>14} after {4} to fill it\n",
      "", megabytes(use.bytes), megabytes(use.most_bytes),
      100 * static_cast<double>(use.remembered) / static_cast<double>(use.tokens),
      with_commas(warm_up_tokens));
}

// A figure with commas; one that was not measured is a dash.
std::string whole(const std::optional<double>& value) {
  return value ? with_commas(static_cast<std::size_t>(*value)) : "-";
}

void print_speeds(std::span<const BenchRow> rows, bool caches) {
  for (const BenchRow& row : rows) {
    const std::optional<double>& speed = row.tokens_per_second;
    if (row.caches != caches || (!speed && !row.cycles_per_token)) continue;
    fmt::print("{:<14} {:<6} {:>4} {:>3} {:>5} {:>12} {:>8} {:>6.0f}% {:>7} {:>5}\n", row.engine,
               row.precision, row.streams, row.threads,
               row.cpu_share ? fmt::format("{:.0f}%", 100 * *row.cpu_share) : "-", whole(speed),
               whole(row.cycles_per_token), 100 * row.spread,
               speed ? fmt::format("{:.1f}", *speed / talos_tokens_per_second) : "-",
               words_of(row.clock).in_table);
    if (row.cache) print_cache(*row.cache, row.warm_up_tokens);
  }
}

// What each engine adds to the one before, and what it makes of the weights before it begins.
void print_ideas(std::span<const BenchRow> rows) {
  fmt::print("\n{:<14} {:>8} {:>7}  {}\n", "engine", "tables", "made in", "what it adds");
  for (const BenchRow& row : rows) {
    if (row.threads > 1) continue;
    const bool tables = row.precomputed_bytes > 0;
    fmt::print("{:<14} {:>8} {:>7}  {}\n", row.engine,
               tables ? fmt::format("{} KiB", (row.precomputed_bytes + 1023) / 1024) : "-",
               tables && !row.emulated ? fmt::format("{:.1f} ms", 1e3 * row.build_seconds) : "-",
               row.idea);
    if (!row.problem.empty()) fmt::print("    not measured: {}\n", row.problem);
  }
}

void print_energy(std::span<const BenchRow> rows) {
  if (std::none_of(rows.begin(), rows.end(),
                   [](const BenchRow& row) { return row.tokens_per_joule.has_value(); })) {
    fmt::print(
        "\nenergy: no counter can be read here (Linux powercap); published estimates,\n"
        "        not measured: about 5 W for a laptop core, about 2 W for the FPGA\n");
    return;
  }
  fmt::print(
      "\nenergy, from the processor's own counter (all that ran on it meanwhile included)\n");
  for (const BenchRow& row : rows) {
    if (!row.tokens_per_joule) continue;
    fmt::print("{:<14} {:>3} threads {:>12} tokens/J\n", row.engine, row.threads,
               with_commas(static_cast<std::size_t>(*row.tokens_per_joule)));
  }
}

}  // namespace

bool is_measured(std::span<const BenchRow> rows) {
  return std::any_of(rows.begin(), rows.end(), [](const BenchRow& row) { return !row.emulated; });
}

void print_bench(std::span<const BenchRow> rows) {
  if (!is_measured(rows)) return print_ideas(rows);
  fmt::print("{:<14} {:<6} {:>4} {:>3} {:>5} {:>12} {:>8} {:>7} {:>7} {:>5}\n", "engine", "number",
             "str.", "thr", "cores", "tokens/s", "cycles/t", "spread", "x TALOS", "clock");
  print_speeds(rows, false);
  const auto caches = [](const BenchRow& row) { return row.caches; };
  if (std::any_of(rows.begin(), rows.end(), caches)) {
    fmt::print("\nanswers remembered, not computed:\n");
    print_speeds(rows, true);
  }
  print_floors(rows);
  print_ideas(rows);
  print_energy(rows);
}

nlohmann::json to_json(const std::string& program, std::span<const BenchRow> rows) {
  const auto or_null = [](const std::optional<double>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json();
  };
  const auto cache_json = [](const BenchRow& row) {
    if (!row.cache) return nlohmann::json();
    return nlohmann::json{{"bytes", row.cache->bytes},
                          {"most_bytes", row.cache->most_bytes},
                          {"tokens", row.cache->tokens},
                          {"remembered", row.cache->remembered},
                          {"warm_up_tokens", row.warm_up_tokens}};
  };
  nlohmann::json list = nlohmann::json::array();
  for (const BenchRow& row : rows) {
    list.push_back(
        {{"engine", row.engine},
         {"precision", row.precision},
         {"streams", row.streams},
         {"threads", row.threads},
         {"caches", row.caches},
         {"clock", words_of(row.clock).in_json},
         {"tokens_per_second", or_null(row.tokens_per_second)},
         {"cycles_per_token", or_null(row.cycles_per_token)},
         {"spread", row.spread},
         {"precomputed_bytes", row.precomputed_bytes},
         {"cpu_share", or_null(row.cpu_share)},
         {"cache", cache_json(row)},
         {"build_seconds", row.emulated ? nlohmann::json() : nlohmann::json(row.build_seconds)},
         {"tokens_per_joule", or_null(row.tokens_per_joule)},
         {"emulated", row.emulated},
         {"multiply_adds", or_null(row.multiply_adds)},
         {"peak_floor_cycles", or_null(row.peak_floor_cycles)},
         {"chain_floor_cycles", or_null(row.chain_floor_cycles)}});
  }
  nlohmann::json file = measurement_json(program, list);
  if (!is_measured(rows)) {
    file["clock_hertz"] = file["peak_multiply_adds_per_cycle"] = nullptr;
    return file;
  }
  file["clock_hertz"] = measure_clock_hertz();
  const MultiplyAdds& peak = machine_speed().core.peak;
  const auto measured = [](double speed) { return speed > 0 ? nlohmann::json(speed) : nullptr; };
  file["peak_multiply_adds_per_cycle"] = {{"fp64", measured(peak.fp64)},
                                          {"fp32", measured(peak.fp32)},
                                          {"int16", measured(peak.int16)},
                                          {"int8", measured(peak.int8)}};
  return file;
}

}  // namespace ladder
