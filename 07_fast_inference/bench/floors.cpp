#include "07_fast_inference/bench/floors.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "07_fast_inference/judge/reference.hpp"
#include "common/terminal.hpp"

namespace ladder {

PositionShares position_shares(const MicroGpt& model, std::uint64_t seed, float temperature) {
  ReferenceEngine engine(model);
  engine.start(seed, temperature);
  std::vector<std::uint8_t> tokens(4096);
  engine.generate(tokens);
  PositionShares shares{};
  Place place;
  for (const int token : tokens) {
    shares[static_cast<std::size_t>(place.position)] += 1 / static_cast<double>(tokens.size());
    place = next_place(place, token);
  }
  return shares;
}

void set_floors(BenchRow& row, const EngineKind& kind, const PositionShares& shares,
                const MachineSpeed& machine) {
  const auto mean = [&](double MultiplyAdds::*number) {
    return mean_over(shares, [&](int position) { return kind.multiply_adds(position).*number; });
  };
  const bool here = kind.clock == Clock::thread_cpu && !kind.emulated && machine.core.peak.fp32 > 0;
  if (kind.multiply_adds != nullptr) {
    const MultiplyAdds needed{mean(&MultiplyAdds::fp64), mean(&MultiplyAdds::fp32),
                              mean(&MultiplyAdds::int16), mean(&MultiplyAdds::int8)};
    row.multiply_adds = needed.total();
    if (here) row.peak_floor_cycles = needed.cycles_at(machine.core.peak);
  }
  if (kind.chain != nullptr && here) {
    row.chain_floor_cycles =
        mean_over(shares, [&](int position) { return kind.chain(position, machine.core); });
  }
}

void print_machine_speed(const MachineSpeed& machine) {
  const MultiplyAdds& peak = machine.core.peak;
  if (!(peak.fp32 > 0)) return;
  fmt::print(
      "peak, multiply-adds a cycle: fp64 {:.1f} ({}), fp32 {:.1f} ({}),\n"
      "                             int16 {:.1f} ({}), int8 {:.1f} ({})\n",
      peak.fp64, machine.fp64, peak.fp32, machine.fp32, peak.int16, machine.int16, peak.int8,
      machine.int8);
}

void print_floors(std::span<const BenchRow> rows) {
  const auto has_floor = [](const BenchRow& row) {
    return row.threads == 1 && row.cycles_per_token && row.peak_floor_cycles;
  };
  if (std::none_of(rows.begin(), rows.end(), has_floor)) return;
  const auto whole = [](const std::optional<double>& value) {
    return value ? with_commas(static_cast<std::size_t>(std::lround(*value))) : "-";
  };
  fmt::print("\n{:<14} {:>13} {:>9} {:>9} {:>9} {:>9}\n", "floors", "multiply-adds", "at peak",
             "chain", "cycles/t", "x floor");
  for (const BenchRow& row : rows) {
    if (!has_floor(row)) continue;
    const double floor = std::max(*row.peak_floor_cycles, row.chain_floor_cycles.value_or(0));
    fmt::print("{:<14} {:>13} {:>9} {:>9} {:>9} {:>9.1f}\n", row.engine, whole(row.multiply_adds),
               whole(row.peak_floor_cycles), whole(row.chain_floor_cycles),
               whole(row.cycles_per_token), *row.cycles_per_token / floor);
  }
  fmt::print(
      "at peak: all multiply-adds, nothing else. chain, an estimate: those steps of a\n"
      "token that wait for each other, counted, at latencies measured here; of streams,\n"
      "one computes while another waits. x floor: cycles/t by the larger of the two.\n");
}

}  // namespace ladder
