// What lanes do together (warp/collectives.hpp, v6's draw), against plain loops.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "08_hardware/cuda/inference/v6_tensor_cores.hpp"
#include "08_hardware/cuda/test_lanes.hpp"
#include "08_hardware/cuda/warp/collectives.hpp"
#include "common/sampling.hpp"

using namespace ladder;
using namespace ladder::gpu;

namespace {

constexpr auto lanes = std::size_t{warp_lanes};

bool near(float a, double b) { return std::abs(double{a} - b) < 1e-5; }

// Where double precision and the contract draw; a draw within 1e-5 of another token's share may
// differ, and is not asked for.
struct Drawn {
  int token;
  bool is_clear;
};
Drawn plain_draw(std::span<const double> logits, double temperature, double u) {
  const auto weights = softmax_weights(logits, temperature);
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  const auto token = static_cast<std::size_t>(sample_index(weights, u));
  const double before = std::accumulate(weights.begin(), weights.begin() + token, 0.0) / total;
  const double after = before + weights[token] / total;
  return {static_cast<int>(token),
          (token == 0 || u > before + 1e-5) && (u < after - 1e-5 || token + 1 == weights.size())};
}

std::vector<double> random_logits(Random& random, double size) {
  std::vector<double> logits(vocab_size);
  for (double& logit : logits) logit = static_cast<float>(size * random.normal());
  return logits;
}

}  // namespace

TEST_CASE("cuda: sums and largest numbers span as many lanes as they say, and no more") {
  Random random(1);
  EmulatedWarp warp;
  for (const int width : {1, 2, 4, 8, 16, 32}) {
    const auto x = random_floats(random);
    const auto sum = sum_over(warp, x, width);
    const auto top = largest_over(warp, x, width);
    const auto n = static_cast<std::size_t>(width);
    for (std::size_t i = 0; i < lanes; ++i) {
      const auto begin = x.lane.begin() + static_cast<std::ptrdiff_t>(i / n * n);
      CAPTURE(width, i);
      CHECK(near(sum.lane[i], std::accumulate(begin, begin + width, 0.0)));
      CHECK(top.lane[i] == *std::max_element(begin, begin + width));
      CHECK(sum.lane[i] == sum.lane[i / n * n]);  // to the last bit the same in all of them
    }
  }
}

TEST_CASE("cuda: a running sum is that of the lanes up to this one") {
  Random random(2);
  EmulatedWarp warp;
  for (int round = 0; round < 20; ++round) {
    const auto x = random_floats(random);
    const auto sums = running_sum(warp, x);
    double expected = 0;
    for (std::size_t i = 0; i < lanes; ++i) {
      expected += double{x.lane[i]};
      REQUIRE(near(sums.lane[i], expected));
    }
  }
}

TEST_CASE("cuda: sixteen numbers of sixteen lanes become a sum a lane") {
  Random random(3);
  EmulatedWarp warp;
  Lanes<float> values[16];
  for (auto& value : values) value = random_floats(random);
  double expected[2][16] = {};  // by half of the warp and number
  for (std::size_t i = 0; i < lanes; ++i) {
    for (std::size_t n = 0; n < 16; ++n) expected[i / 16][n] += double{values[n].lane[i]};
  }
  lockstep = {};
  halve<16>(warp, values, 8);
  halve<8>(warp, values, 4);
  halve<4>(warp, values, 2);
  halve<2>(warp, values, 1);
  std::uint64_t shuffles = 0;
  for (const Tally& tally : lockstep.tallies) shuffles += tally.shuffles;
  lockstep = {};
  for (std::size_t i = 0; i < lanes; ++i) CHECK(near(values[0].lane[i], expected[i / 16][i % 16]));
  CHECK(shuffles == 15);  // not 16 times 4
}

TEST_CASE("cuda: random numbers are the contract's, in a lane as in one number") {
  for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{42}}) {
    Xorshift32 contract(seed, 5);
    std::uint32_t one = first_random_state(seed, 5);
    Lanes<std::uint32_t> all = first_random_state(seed, 5);
    for (int i = 0; i < 1000; ++i) {
      const std::uint32_t expected = contract.next() >> 8;
      REQUIRE(next_random(one) == expected);
      REQUIRE(next_random(all).lane[17] == expected);
    }
  }
}

TEST_CASE("cuda: the lowest bit is found, be it the first or the last") {
  for (int i = 0; i < 32; ++i) {
    CHECK(lowest_bit(1u << i) == i);
    CHECK(lowest_bit(~0u << i) == i);
  }
}

TEST_CASE("cuda: a warp draws the token that plain loops draw") {
  Random random(4);
  EmulatedWarp warp;
  int compared = 0;
  for (int round = 0; round < 3000; ++round) {
    const double temperature = round % 3 == 0 ? 0.3 : round % 3 == 1 ? 1 : 20;
    const auto logits = random_logits(random, round % 5 == 0 ? 40 : 2);
    const auto u = static_cast<float>(random.below(1 << 24)) * 0x1p-24f;
    Lanes<float> logit = 1e30f;  // in lanes that are no token: they must not be drawn
    for (std::size_t i = 0; i < vocab_size; ++i) logit.lane[i] = static_cast<float>(logits[i]);
    const float scale = log2_of_e / static_cast<float>(temperature);
    const int drawn = draw(warp, logit, vocab_size, scale, u);
    const Drawn expected = plain_draw(logits, temperature, double{u});
    if (!expected.is_clear) continue;
    ++compared;
    REQUIRE(drawn == expected.token);
  }
  CHECK(compared > 2900);
}

TEST_CASE("cuda: two lanes a stream draw for sixteen streams what plain loops draw") {
  Random random(5);
  EmulatedWarp warp;
  int compared = 0;
  for (int round = 0; round < 200; ++round) {
    const double temperature = round % 2 == 0 ? 1 : 0.3;
    TensorPast past{};
    std::vector<std::vector<double>> logits;
    Lanes<float> u;
    for (std::size_t stream = 0; stream < 16; ++stream) {
      logits.push_back(random_logits(random, round % 5 == 0 ? 40 : 2));
      for (std::size_t i = 0; i < 33; ++i) {
        past.logits[stream][i] = i < vocab_size ? static_cast<float>(logits.back()[i]) : 1e30f;
      }
      u.lane[2 * stream] = static_cast<float>(random.below(1 << 24)) * 0x1p-24f;
      u.lane[2 * stream + 1] = u.lane[2 * stream];
    }
    const auto drawn = draw_pairs(warp, past, log2_of_e / static_cast<float>(temperature), u);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const Drawn expected = plain_draw(logits[lane / 2], temperature, double{u.lane[lane]});
      if (!expected.is_clear) continue;
      ++compared;
      REQUIRE(drawn.lane[lane] == expected.token);
    }
  }
  CHECK(compared > 6200);
}

TEST_CASE("cuda: the ends of a draw: u of 0 and next to 1, one token that has it all") {
  EmulatedWarp warp;
  constexpr float next_to_1 = 1 - 0x1p-24f;
  Lanes<float> logit = 0.0f;
  CHECK(draw(warp, logit, vocab_size, log2_of_e, 0) == 0);
  CHECK(draw(warp, logit, vocab_size, log2_of_e, next_to_1) == vocab_size - 1);
  for (std::size_t i = 0; i < vocab_size; ++i) {
    logit = -100.0f;
    logit.lane[i] = 100.0f;
    const auto token = static_cast<int>(i);
    CHECK(draw(warp, logit, vocab_size, log2_of_e, 0) == token);
    CHECK(draw(warp, logit, vocab_size, log2_of_e, next_to_1) == token);
    TensorPast past{};
    for (auto& row : past.logits) {
      for (std::size_t j = 0; j < 33; ++j) row[j] = logit.lane[std::min(j, lanes - 1)];
    }
    for (const float u : {0.0f, next_to_1}) {
      const auto drawn = draw_pairs(warp, past, log2_of_e, Lanes<float>(u));
      for (const int each : drawn.lane) REQUIRE(each == token);
    }
  }
}
