#include "08_hardware/amx/breakdown.hpp"

#include <fmt/format.h>

#include "07_fast_inference/study/breakdown_parts.hpp"

namespace ladder {

void print_tile_breakdown(std::span<const EngineKind> kinds, const MicroGpt& model,
                          const BenchOptions& options) {
  std::vector<const EngineKind*> measured;
  for (const EngineKind& kind : kinds) {
    if (!kind.emulated) measured.push_back(&kind);
  }
  BenchOptions one_thread = options;
  one_thread.threads = 1;
  const auto rows = run_bench(measured, model, one_thread);

  fmt::print("\n{:<14} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6}\n", "cycles a token", "attend",
             "norms", "MLP", "head", "draw", "sum", "whole");
  for (std::size_t i = 0; i < measured.size(); ++i) {
    const double whole = rows[i].cycles_per_token.value_or(0);
    const Cycles parts = measured[i]->name == "streams_int8"
                             ? time_integers(model, 8, options, whole)
                             : time_while_running(*measured[i]->make(model), options);
    fmt::print("{:<14}", measured[i]->name);
    for (const Part part : {Part::attention, Part::norms, Part::mlp, Part::head, Part::draw}) {
      fmt::print(" {:>6}", parts[part] ? fmt::format("{:.0f}", *parts[part]) : "-");
    }
    fmt::print(" {:>6.0f} {:>6.0f}\n", parts.sum(), whole);
  }
}

}  // namespace ladder
