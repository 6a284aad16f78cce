#pragma once
/// \file
/// How far is an engine from what cannot be undercut? Two floors, worked out in the open.
///
/// Multiply-adds: as many as a token needs (EngineKind::multiply_adds), at the peak that was
/// measured. Chain: the steps of a token that wait for each other (EngineKind::chain), each with
/// the latency that was measured; steps are counted, so this one is an estimate.

#include <array>
#include <optional>

#include "07_fast_inference/bench/bench.hpp"
#include "07_fast_inference/bench/machine_speed.hpp"

namespace ladder {

/// What part of a model's tokens stands at each position: names differ in length, and attention
/// costs more the further back it looks.
using PositionShares = std::array<double, block_size>;

/// Of the names that the judge's plain loops write from this seed, 4,096 tokens.
PositionShares position_shares(const MicroGpt& model, std::uint64_t seed, float temperature);

/// A token's share-weighted mean of a cost that depends on its position.
template <class Cost>
double mean_over(const PositionShares& shares, Cost&& cost) {
  double mean = 0;
  for (int position = 0; position < block_size; ++position) {
    const double share = shares[static_cast<std::size_t>(position)];
    if (share > 0) mean += share * cost(position);
  }
  return mean;
}

/// Sets multiply_adds, peak_floor_cycles and chain_floor_cycles of the row of `kind`, as far as
/// they are known. What another machine computes (a device, a chip, an emulated processor) has no
/// floor here.
void set_floors(BenchRow& row, const EngineKind& kind, const PositionShares& shares,
                const MachineSpeed& machine);

/// What was measured of the machine, for the reader.
void print_machine_speed(const MachineSpeed& machine);

/// The table of floors, for rows of one thread that have one.
void print_floors(std::span<const BenchRow> rows);

}  // namespace ladder
