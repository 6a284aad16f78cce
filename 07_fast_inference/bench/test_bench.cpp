// Each engine is told by its own clock: shown with engines that only pretend to compute.
#include <algorithm>
#include <chrono>
#include <thread>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <nlohmann/json.hpp>

#include "07_fast_inference/bench/engine_main.hpp"
#include "07_fast_inference/judge/judge.hpp"
#include "common/error.hpp"
#include "common/test_support.hpp"

using namespace ladder;
using Catch::Matchers::WithinRel;

namespace {

constexpr std::uint64_t chip_cycles = 867;

// Knows nothing of letters.
class Mute : public Engine {
 public:
  void forward(std::span<const Place>, std::span<float> logits) override {
    std::fill(logits.begin(), logits.end(), 0.0f);
  }
};

// Nor does this one, and it waits half a millisecond for each, and counts a chip's cycles.
class Waits : public Mute {
 public:
  void forward(std::span<const Place> places, std::span<float> logits) override {
    std::this_thread::sleep_for(std::chrono::microseconds(500));
    cycles_ += chip_cycles;
    Mute::forward(places, logits);
  }
  std::uint64_t simulated_cycles() const override { return cycles_; }

 private:
  std::uint64_t cycles_ = 0;
};

EngineKind waiting(std::string_view name, Clock clock, bool emulated = false) {
  return {name,
          "fp32",
          "waits",
          false,
          true,
          fp32_error,
          [](const MicroGpt&) -> std::unique_ptr<Engine> { return std::make_unique<Waits>(); },
          clock,
          emulated};
}

std::vector<BenchRow> bench(std::span<const EngineKind> kinds, int threads) {
  std::vector<const EngineKind*> pointers;
  for (const EngineKind& kind : kinds) pointers.push_back(&kind);
  return run_bench(pointers, random_model(1),
                   {.rounds = 3,
                    .seconds_per_turn = 1e-3,
                    .seconds_per_team_turn = 1e-3,
                    .threads = threads,
                    .quiet = true});
}

}  // namespace

TEST_CASE("what computes, what waits for a device and what simulates have clocks of their own") {
  const EngineKind kinds[] = {waiting("here", Clock::thread_cpu), waiting("device", Clock::wall),
                              waiting("chip", Clock::simulated)};
  const auto rows = bench(kinds, 1);
  REQUIRE(rows.size() == 3);

  // By the wall no token is faster than its wait of half a millisecond; CPU time does not see it.
  CHECK(rows[1].tokens_per_second.value() <= 2000);
  CHECK(rows[0].tokens_per_second.value() > rows[1].tokens_per_second.value());
  CHECK(rows[0].cycles_per_token.has_value());
  CHECK(!rows[1].cycles_per_token.has_value());
  // A chip that is simulated has cycles and no seconds.
  CHECK(!rows[2].tokens_per_second.has_value());
  CHECK(rows[2].cycles_per_token.value() == chip_cycles);
  CHECK(rows[2].spread == 0);
  CHECK(!rows[2].tokens_per_joule.has_value());

  const auto json = to_json("08_toy", rows).at("rows");
  CHECK(json[0].at("clock") == "thread_cpu");
  CHECK(json[1].at("clock") == "wall");
  CHECK(json[1].at("cycles_per_token").is_null());
  CHECK(json[2].at("clock") == "simulated");
  CHECK(json[2].at("tokens_per_second").is_null());
  CHECK(json[2].at("cycles_per_token") == chip_cycles);
}

TEST_CASE("several threads are timed by the wall, a simulated chip has one") {
  const EngineKind kinds[] = {waiting("here", Clock::thread_cpu),
                              waiting("chip", Clock::simulated)};
  const auto rows = bench(kinds, 2);
  REQUIRE(rows.size() == 3);
  CHECK(rows[2].engine == "here");
  CHECK(rows[2].threads == 2);
  CHECK(rows[2].clock == Clock::wall);
  CHECK(rows[2].tokens_per_second.value() <= 4000);  // twice 2,000, both waiting
  for (const BenchRow& row : rows) CHECK(!row.emulated);
}

TEST_CASE("an engine on an emulated processor gets a row and no speed") {
  const EngineKind kinds[] = {waiting("there", Clock::thread_cpu, true),
                              waiting("here", Clock::thread_cpu)};
  const auto rows = bench(kinds, 2);
  REQUIRE(rows.size() == 3);
  CHECK(is_measured(rows));
  CHECK(rows[2].engine == "there");
  CHECK(rows[2].emulated);
  CHECK(!rows[2].tokens_per_second.has_value());
  CHECK(!rows[2].cycles_per_token.has_value());
  CHECK(rows[2].streams == rows[0].streams);
  CHECK(to_json("08_toy", rows).at("rows")[2].at("build_seconds").is_null());

  const auto alone = std::span(rows).last(1);
  CHECK(!is_measured(alone));
  CHECK(to_json("08_toy", alone).at("clock_hertz").is_null());
}

TEST_CASE("an engine that is wrong is named, with how far it is off") {
  EngineKind kind = waiting("mute", Clock::thread_cpu);
  kind.make = [](const MicroGpt&) -> std::unique_ptr<Engine> { return std::make_unique<Mute>(); };
  const EngineKind* kinds[] = {&kind};
  Questions questions;
  questions.samples = 1;
  questions.block_size = block_size;
  const std::string said =
      message_of<Error>([&] { judge_engines(kinds, random_model(1, 1.0f), false, questions); });
  CHECK(said.find("mute is off by ") == 0);
}
