// The emulated warp, instruction by instruction, against plain loops over 32 numbers: only what
// holds here can be believed of the programs that run on it.
#include <bit>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "08_hardware/cuda/test_lanes.hpp"

using namespace ladder;
using namespace ladder::gpu;

TEST_CASE("cuda: a shuffle gives each lane the number of the lane it names") {
  Random random(1);
  EmulatedWarp warp;
  for (int round = 0; round < 100; ++round) {
    const auto value = random_floats(random);
    const auto source = random_ints(random, warp_lanes);
    const auto bits = static_cast<int>(random.below(warp_lanes));
    const auto distance = static_cast<int>(random.below(warp_lanes));
    const auto any = warp.shuffle(value, source);
    const auto crossed = warp.shuffle_xor(value, bits);
    const auto up = warp.shuffle_up(value, distance);
    for (int i = 0; i < warp_lanes; ++i) {
      const auto at = [&](int lane) { return value.lane[static_cast<std::size_t>(lane)]; };
      const auto lane = static_cast<std::size_t>(i);
      REQUIRE(any.lane[lane] == at(source.lane[lane]));
      REQUIRE(crossed.lane[lane] == at(i ^ bits));
      REQUIRE(up.lane[lane] == at(i >= distance ? i - distance : i));
    }
  }
}

TEST_CASE("cuda: lanes that are switched off keep their numbers and touch no memory") {
  Random random(2);
  EmulatedWarp warp;
  for (int round = 0; round < 100; ++round) {
    const auto outer = random_mask(random, 3), inner = random_mask(random, 3);
    const auto old = random_floats(random), fresh = random_floats(random);
    std::vector<float> memory(64, 7.0f);
    Lanes<float> value = old, loaded = old;
    warp.when(outer, [&] {
      warp.when(inner, [&] {
        value = fresh;
        warp.store(memory.data(), warp.lane() + 16, fresh);
        loaded = warp.load(memory.data(), warp.lane() + 16);
      });
      value = value + 1.0f;
    });
    for (std::size_t i = 0; i < warp_lanes; ++i) {
      const bool on = outer.lane[i] && inner.lane[i];
      REQUIRE(value.lane[i] == (on ? fresh.lane[i] : old.lane[i]) + (outer.lane[i] ? 1.0f : 0.0f));
      REQUIRE(memory[i + 16] == (on ? fresh.lane[i] : 7.0f));
      REQUIRE(loaded.lane[i] == (on ? fresh.lane[i] : old.lane[i]));
    }
    REQUIRE(lockstep.active == ~0u);
  }
}

TEST_CASE("cuda: a branch that no lane takes is not run, once() is lane 0's") {
  EmulatedWarp warp;
  int runs = 0;
  warp.when(Lanes<bool>(false), [&] { ++runs; });
  CHECK(runs == 0);
  Lanes<int> mark = 0;
  warp.once([&] { mark = Lanes<int>(5); });
  for (std::size_t i = 0; i < warp_lanes; ++i) CHECK(mark.lane[i] == (i == 0 ? 5 : 0));
}

TEST_CASE("cuda: a ballot has the bit of every lane whose mask is set") {
  Random random(3);
  EmulatedWarp warp;
  for (int round = 0; round < 100; ++round) {
    const auto mask = random_mask(random, 0);
    const std::uint32_t bits = warp.ballot(mask);
    for (std::size_t i = 0; i < warp_lanes; ++i) REQUIRE((bits >> i & 1) == mask.lane[i]);
  }
}

TEST_CASE("cuda: what wants all lanes is refused when some are switched off") {
  EmulatedWarp warp;
  const Lanes<float> x = 1.0f;
  const auto some = warp.lane() < 16;
  Lanes<float> c[4] = {x, x, x, x};
  const Lanes<float> a[4] = {x, x, x, x}, b[2] = {x, x};
  CHECK_THROWS_AS(warp.when(some, [&] { warp.shuffle(x, 0); }), std::logic_error);
  CHECK_THROWS_AS(warp.when(some, [&] { warp.shuffle_xor(x, 1); }), std::logic_error);
  CHECK_THROWS_AS(warp.when(some, [&] { warp.shuffle_up(x, 1); }), std::logic_error);
  CHECK_THROWS_AS(warp.when(some, [&] { warp.ballot(some); }), std::logic_error);
  CHECK_THROWS_AS(warp.when(some, [&] { warp.sync(); }), std::logic_error);
  CHECK_THROWS_AS(warp.when(some, [&] { warp.multiply_tf32(c, a, b); }), std::logic_error);
  CHECK(lockstep.active == ~0u);  // and after an error all are on again
}

TEST_CASE("cuda: what lanes have alike is one number, and a difference is an error") {
  EmulatedWarp warp;
  CHECK(warp.uniform(Lanes<int>(12)) == 12);
  CHECK_THROWS_AS(warp.uniform(warp.lane()), std::logic_error);
}

TEST_CASE("cuda: instructions are counted, with the lanes that are on and of use") {
  EmulatedWarp warp;
  lockstep = {};
  warp.part(Part::draw);
  Lanes<float> x = 2.0f;
  x = x * x;                                          // 32
  warp.when(warp.lane() < 5, [&] { x = x + 1.0f; });  // a comparison of 32, and 5
  warp.of_use(7, [&] { x = fused(x, x, x); });        // 7
  warp.part(Part::norms);
  x = warp.shuffle_xor(x, 1);  // 32
  std::vector<float> memory(32);
  warp.store(memory.data(), warp.lane(), x);  // 32
  const Tally draw = lockstep.tallies[static_cast<std::size_t>(Part::draw)];
  const Tally norms = lockstep.tallies[static_cast<std::size_t>(Part::norms)];
  lockstep = {};
  CHECK(draw.instructions == 4);
  CHECK(draw.lanes == 32 + 32 + 5 + 7);
  CHECK(draw.shuffles == 0);
  CHECK(draw.utilisation() == (32 + 32 + 5 + 7) / 128.0);
  CHECK(norms.instructions == 2);
  CHECK(norms.shuffles == 1);
  CHECK(norms.memory == 1);
}

TEST_CASE("cuda: shared memory takes a turn for every word that one bank must give") {
  std::vector<float> words(32 * 33);
  const auto turns = [&](std::size_t stride, std::uint32_t active) {
    std::array<const void*, warp_lanes> addresses{};
    for (std::size_t i = 0; i < warp_lanes; ++i) addresses[i] = words.data() + i * stride;
    return shared_wavefronts(addresses, active);
  };
  CHECK(turns(1, ~0u) == 1);
  CHECK(turns(0, ~0u) == 1);  // all want the same word
  CHECK(turns(2, ~0u) == 2);
  CHECK(turns(16, ~0u) == 16);
  CHECK(turns(17, ~0u) == 1);
  CHECK(turns(32, ~0u) == 32);
  CHECK(turns(32, 0xff) == 8);
  CHECK(turns(33, ~0u) == 1);
  CHECK(turns(1, 0) == 0);
}
