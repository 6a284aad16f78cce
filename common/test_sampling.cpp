#include <array>
#include <cmath>
#include <limits>
#include <set>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "common/error.hpp"
#include "common/sampling.hpp"

using namespace ladder;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

// Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8(14), 2003, y^=(y<<13);
// y^=(y>>17); return (y^=(y<<5)): one step of it, by hand, from 1 and from a state of all ones.
TEST_CASE("xorshift32 with shifts 13, 17, 5 is the published one") {
  // 1 -> 0x2001 -> 0x2001 -> 0x42021; from there on the published generator, written out again.
  Xorshift32 random(42);
  std::uint32_t y = first_random_state(42);
  for (int i = 0; i < 1000; ++i) {
    y ^= y << 13;
    y ^= y >> 17;
    REQUIRE(random.next() == (y ^= y << 5));
  }
}

// SplitMix64 (Steele, Lea and Flood), written out once more with its published constants.
std::uint64_t splitmix(std::uint64_t counter) {
  std::uint64_t z = counter + 0x9E3779B97F4A7C15;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
  z = (z ^ z >> 27) * 0x94D049BB133111EB;
  return z ^ z >> 31;
}

TEST_CASE("a stream begins where the contract says") {
  for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{42}, ~std::uint64_t{0}}) {
    for (const std::uint64_t stream : {0u, 1u, 47u}) {
      CHECK(first_random_state(seed, stream) == splitmix(splitmix(seed) + stream) >> 32);
    }
  }
}

TEST_CASE("different seeds and streams begin differently, all 64 bits of a seed count") {
  CHECK(first_random_state(0) != first_random_state(std::uint64_t{1} << 32));
  std::set<std::uint32_t> states;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for (std::uint64_t stream = 0; stream < 48; ++stream) {
      states.insert(first_random_state(seed, stream));
      states.insert(first_random_state(seed << 32, stream));
    }
  }
  CHECK(states.size() == 48 * (2 * 100 - 1));  // 0 << 32 is 0
  CHECK_FALSE(states.contains(0));
}

TEST_CASE("u is the upper 24 bits, exact in a float and below 1") {
  Xorshift32 bits(42), random(42);
  for (int i = 0; i < 100'000; ++i) {
    const double u = random.uniform();
    REQUIRE(u == (bits.next() >> 8) / 16777216.0);
    REQUIRE(u < 1);
  }
}

TEST_CASE("every seed has a stream of its own, 0 too") {
  std::set<std::uint32_t> first;
  for (std::uint32_t seed = 0; seed < 10'000; ++seed) first.insert(Xorshift32(seed).next());
  CHECK(first.size() == 10'000);
  CHECK_FALSE(first.contains(0));
}

TEST_CASE("sample_index: the first token whose running sum exceeds u times the total") {
  const double weights[] = {1, 2, 1};
  CHECK(sample_index(weights, 0) == 0);
  CHECK(sample_index(weights, std::nextafter(0.25, 0)) == 0);
  CHECK(sample_index(weights, 0.25) == 1);  // equal does not exceed
  CHECK(sample_index(weights, std::nextafter(0.75, 0)) == 1);
  CHECK(sample_index(weights, 0.75) == 2);
  CHECK(sample_index(weights, std::nextafter(1, 0)) == 2);
  CHECK(sample_index(weights, 1.0) == 2);  // cannot happen, and must not run off the end
  CHECK(sample_index(std::vector{3.0}, 0.5) == 0);
}

TEST_CASE("sample_index never takes a token of weight zero") {
  const double weights[] = {0, 1, 0, 0, 1, 0};
  for (const double u : {0.0, 0.2, 0.499, 0.5, 0.7, 1 - 0x1p-24}) {
    CHECK(sample_index(weights, u) == (u < 0.5 ? 1 : 4));
  }
}

TEST_CASE("tokens come as often as their weights say") {
  const double weights[] = {0.1, 3, 0.9, 4, 2};
  Xorshift32 random(3);
  std::array<int, 5> seen{};
  constexpr int draws = 100'000;
  for (int i = 0; i < draws; ++i) {
    ++seen.at(static_cast<std::size_t>(sample_index(weights, random.uniform())));
  }
  for (std::size_t i = 0; i < 5; ++i) {
    const double p = weights[i] / 10;
    CHECK_THAT(seen[i], WithinAbs(draws * p, 5 * std::sqrt(draws * p * (1 - p))));
  }
}

TEST_CASE("softmax weights: exp of the logits over the temperature, the largest being 1") {
  const auto weights = softmax_weights(std::vector{1.0, 3.0, -infinity}, 2.0);
  CHECK_THAT(weights[0], WithinRel(std::exp(-1.0), 1e-15));
  CHECK(weights[1] == 1);
  CHECK(weights[2] == 0);
  const auto large = softmax_weights(std::vector{1000.0, 999.0}, 1.0);  // no overflow
  CHECK(large[0] == 1);
  CHECK_THAT(large[1], WithinRel(std::exp(-1.0), 1e-15));
  // Cold: only the likeliest is left. Hot: all alike.
  CHECK(softmax_weights(std::vector{0.0, 1.0}, 1e-6) == std::vector{0.0, 1.0});
  CHECK_THAT(softmax_weights(std::vector{0.0, 1.0}, 1e6)[0], WithinAbs(1, 1e-5));
}

TEST_CASE("logits that are not numbers, and temperatures that make no sense, are refused") {
  for (const double bad : {std::nan(""), infinity}) {
    CHECK_THROWS_AS(softmax_weights(std::vector{bad, 1.0, 2.0}, 1.0), Error);
    CHECK_THROWS_AS(softmax_weights(std::vector{1.0, bad, 2.0}, 1.0), Error);
    CHECK_THROWS_AS(softmax_weights(std::vector{1.0, 2.0, bad}, 1.0), Error);
  }
  CHECK_THROWS_AS(softmax_weights(std::vector{-infinity, -infinity}, 1.0), Error);
  for (const double temperature : {0.0, -1.0, std::nan(""), infinity}) {
    CHECK_THROWS_AS(softmax_weights(std::vector{1.0, 2.0}, temperature), UsageError);
  }
}

TEST_CASE("a name ends at BOS, or when the block is full") {
  // After n letters, letter n is certain, and BOS (3) after three of them.
  const NextLogits counting = [](std::span<const int> so_far) {
    std::vector<double> logits(4, -infinity);
    logits[so_far.size()] = 0;
    return logits;
  };
  Xorshift32 random(1);
  CHECK(sample_name(counting, 3, 16, 1.0, random) == Tokens{0, 1, 2});
  CHECK(sample_name(counting, 3, 3, 1.0, random) == Tokens{0, 1, 2});
  CHECK(sample_name(counting, 3, 2, 1.0, random) == Tokens{0, 1});
  CHECK(sample_name(counting, 0, 16, 1.0, random).empty());
}

TEST_CASE("the NLL of a name counts its end, unless it fills the block") {
  // Two letters and BOS with probabilities 1/2, 1/4, 1/4, whatever came before.
  const NextLogits fixed = [](std::span<const int>) {
    return std::vector{std::log(2.0), 0.0, 0.0};
  };
  const double ln2 = std::log(2.0);
  CHECK_THAT(name_nll(fixed, {0, 1}, 2, 16), WithinRel((ln2 + 2 * ln2 + 2 * ln2) / 3, 1e-14));
  CHECK_THAT(name_nll(fixed, {0, 1}, 2, 2), WithinRel((ln2 + 2 * ln2) / 2, 1e-14));
  CHECK_THAT(name_nll(fixed, {0, 1}, 2, 3), WithinRel(5 * ln2 / 3, 1e-14));
  CHECK_THAT(name_nll(fixed, {}, 2, 16), WithinRel(2 * ln2, 1e-14));
}

TEST_CASE("the NLL of a very unlikely name is a large number, not infinity") {
  const NextLogits sure = [](std::span<const int>) { return std::vector{0.0, -2000.0}; };
  CHECK_THAT(name_nll(sure, {0}, 1, 16), WithinRel(1000.0, 1e-14));
}

TEST_CASE("temperature 0 takes the most likely token, the first of several, whatever u is") {
  for (const double u : {0.0, 0.5, 1 - 0x1p-24}) {
    CHECK(next_token(std::vector{0.0, 2.0, 2.0, 1.0}, 0, u) == 1);
    CHECK(next_token(std::vector{-infinity, -3.0}, 0, u) == 1);
  }
  CHECK(next_token(std::vector{0.0, 0.0}, 1, 0.75) == 1);
  CHECK_THROWS_AS(next_token(std::vector{std::nan(""), 1.0}, 0, 0.5), Error);
}

TEST_CASE("a beginning stands at the head of the name, and takes no random number") {
  const NextLogits even = [](std::span<const int>) { return std::vector(4, 0.0); };
  Xorshift32 random(7), again(7);
  for (int i = 0; i < 100; ++i) {
    const Tokens plain = sample_name(even, 3, 16, 1, random);
    Tokens begun = sample_name(even, 3, 16 + 2, 1, again, {2, 1});
    REQUIRE(begun.size() == plain.size() + 2);
    REQUIRE(Tokens(begun.begin(), begun.begin() + 2) == Tokens{2, 1});
    REQUIRE(Tokens(begun.begin() + 2, begun.end()) == plain);
  }
}

TEST_CASE("what each token costs adds up to the NLL") {
  const NextLogits fixed = [](std::span<const int>) {
    return std::vector{std::log(2.0), 0.0, 0.0};
  };
  const double ln2 = std::log(2.0);
  const auto nats = token_nlls(fixed, {0, 1}, 2, 16);
  REQUIRE(nats.size() == 3);
  CHECK_THAT(nats[0], WithinRel(ln2, 1e-14));
  CHECK_THAT(nats[1], WithinRel(2 * ln2, 1e-14));
  CHECK_THAT(nats[2], WithinRel(2 * ln2, 1e-14));
  CHECK(token_nlls(fixed, {0, 1}, 2, 2).size() == 2);
}
