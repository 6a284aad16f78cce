// What a row cannot be faster than: the machine's own speed, and what is worked out from it.
#include <cmath>
#include <limits>
#include <numeric>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <nlohmann/json.hpp>

#include "07_fast_inference/bench/floors.hpp"
#include "07_fast_inference/bench/probes.hpp"
#include "07_fast_inference/judge/reference.hpp"

using namespace ladder;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

// 100 and one for each position before, in single precision; 64 in bytes.
MultiplyAdds some_multiply_adds(int position) { return {.fp32 = 100.0 + position, .int8 = 64}; }
// A division, and an addition for each position before.
double some_chain(int position, const CoreSpeed& core) {
  return core.latency.divide + position * core.latency.add;
}

EngineKind some_kind(Clock clock = Clock::thread_cpu, bool emulated = false) {
  EngineKind kind{"some", "fp32", "adds", false, false, 1e-4, nullptr, clock, emulated, false};
  kind.multiply_adds = some_multiply_adds;
  kind.chain = some_chain;
  return kind;
}

MachineSpeed some_machine() {
  MachineSpeed machine;
  machine.core = {.peak = {.fp64 = 5, .fp32 = 10, .int16 = 20, .int8 = 32},
                  .latency = {.add = 3, .divide = 11}};
  return machine;
}

BenchRow row_of(const EngineKind& kind, const MachineSpeed& machine) {
  // Half of the tokens at position 0, the others at 4.
  PositionShares shares{};
  shares[0] = shares[4] = 0.5;
  BenchRow row;
  set_floors(row, kind, shares, machine);
  return row;
}

}  // namespace

TEST_CASE("a machine's peak and latencies are numbers that a machine can have") {
  const MachineSpeed& machine = machine_speed();
#if !defined(__x86_64__) && !defined(__aarch64__)
  SKIP("no loops are written for this processor: needs x86-64 or AArch64");
#endif
  const MultiplyAdds& peak = machine.core.peak;
  for (const double speed : {peak.fp64, peak.fp32, peak.int16, peak.int8}) {
    CHECK(speed > 0);
    CHECK(speed < 4096);
  }
  for (const std::string& name : {machine.fp64, machine.fp32, machine.int16, machine.int8}) {
    CHECK(!name.empty());
  }
  const Latencies& l = machine.core.latency;
  for (const double latency :
       {l.add, l.multiply, l.multiply_add, l.divide, l.maximum, l.convert, l.near_shuffle, l.pick,
        l.integer, l.integer_multiply, l.pair_product, l.look_up, l.scalar_multiply, l.load}) {
    CHECK(latency > 0);
    CHECK(latency < 4096);
  }
  CHECK(l.square_root >= 0);  // what is left when a multiplication is taken off
  CHECK(l.far_shuffle >= 0);
  CHECK(&machine_speed() == &machine);  // measured once
}

#if defined(__x86_64__) || defined(__aarch64__)
TEST_CASE("a probe says how many multiply-adds its vectors hold") {
  const Probes probes = portable_probes();
  CHECK(probes.fp64.multiply_adds == 2);
  CHECK(probes.fp32.multiply_adds == 4);
  CHECK(probes.int16.multiply_adds == 8);
#if defined(__x86_64__)
  CHECK(probes.int8.multiply_adds == 8);  // as words
  const Probes avx512 = avx512_probes(true), without = avx512_probes(false);
  CHECK(avx2_probes().fp32.multiply_adds == 8);
  CHECK(avx2_probes().int8.multiply_adds == 32);
  CHECK(avx512.fp64.multiply_adds == 8);
  CHECK(avx512.int16.multiply_adds == 32);
  CHECK(avx512.int8.multiply_adds == 64);
  CHECK(avx512.int8.instruction == std::string("vpdpbusd"));
  CHECK(without.int8.instruction == std::string("vpmaddubsw"));
  CHECK(probes.far_shuffle.run == nullptr);
  CHECK(avx512.far_shuffle.run != nullptr);
#else
  CHECK(probes.int8.multiply_adds == 16);
#endif
}
#endif

TEST_CASE("tokens stand where names have letters") {
  const MicroGpt model = random_model(3, 0.3f);
  const PositionShares shares = position_shares(model, 7, 1);
  CHECK_THAT(std::accumulate(shares.begin(), shares.end(), 0.0), WithinAbs(1, 1e-9));
  // No name reaches a position without the one before; but for the last name, which is cut off.
  for (std::size_t i = 1; i < shares.size(); ++i) CHECK(shares[i] <= shares[i - 1] + 1e-9);
  ReferenceEngine engine(model);
  engine.start(7, 1);
  std::vector<std::uint8_t> tokens(4096);
  engine.generate(tokens);
  const auto names = names_of(tokens);
  CHECK_THAT(shares[0] * 4096, WithinAbs(static_cast<double>(names.size()), 1));
  CHECK(shares != position_shares(model, 8, 1));
}

TEST_CASE("floors are as worked out by hand") {
  const BenchRow row = row_of(some_kind(), some_machine());
  CHECK_THAT(row.multiply_adds.value(), WithinRel(102.0 + 64, 1e-12));
  CHECK_THAT(row.peak_floor_cycles.value(), WithinRel(10.2 + 2, 1e-12));
  CHECK_THAT(row.chain_floor_cycles.value(), WithinRel(11 + 2 * 3.0, 1e-12));
}

TEST_CASE("there is no floor for another machine's work, nor for what nobody counted") {
  for (const EngineKind& kind :
       {some_kind(Clock::wall), some_kind(Clock::simulated), some_kind(Clock::thread_cpu, true)}) {
    const BenchRow row = row_of(kind, some_machine());
    CHECK(row.multiply_adds.has_value());
    CHECK(!row.peak_floor_cycles.has_value());
    CHECK(!row.chain_floor_cycles.has_value());
  }
  CHECK(!row_of(some_kind(), MachineSpeed{}).peak_floor_cycles.has_value());
  EngineKind uncounted = some_kind();
  uncounted.multiply_adds = nullptr;
  uncounted.chain = nullptr;
  const BenchRow row = row_of(uncounted, some_machine());
  CHECK(!row.multiply_adds.has_value());
  CHECK(!row.peak_floor_cycles.has_value());
  CHECK(!row.chain_floor_cycles.has_value());
}

TEST_CASE("the JSON has the floors, null where there is none") {
  const BenchRow rows[] = {row_of(some_kind(), some_machine()), BenchRow{}};
  const auto file = to_json("07_fast_inference", rows);
  CHECK(file.at("rows")[0].at("multiply_adds") == 166.0);
  CHECK_THAT(file.at("rows")[0].at("peak_floor_cycles").get<double>(), WithinRel(12.2, 1e-9));
  CHECK(file.at("rows")[0].at("chain_floor_cycles") == 17.0);
  for (const char* name : {"multiply_adds", "peak_floor_cycles", "chain_floor_cycles"}) {
    CHECK(file.at("rows")[1].at(name).is_null());
  }
  for (const char* name : {"fp64", "fp32", "int16", "int8"}) {
    CHECK(file.at("peak_multiply_adds_per_cycle").contains(name));
  }
}
