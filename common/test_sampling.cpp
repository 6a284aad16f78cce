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
// y^=(y>>17); return (y^=(y<<5)). A state of 2463534242, his default, is followed by these.
TEST_CASE("xorshift32 with shifts 13, 17, 5 gives the published sequence") {
  // The seed whose state is 2463534242: divided by 0x9E3779B1 modulo 2^32.
  Xorshift32 random(2463534242u * 0x0E8B2F51u);
  STATIC_REQUIRE(0x0E8B2F51u * 0x9E3779B1u == 1u);
  CHECK(random.next() == 723471715u);
  CHECK(random.next() == 2497366906u);
  CHECK(random.next() == 2064144800u);
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

TEST_CASE("the same seed draws the same names, priced without regard to the temperature") {
  const Tokenizer tokenizer = Tokenizer::canonical();
  const NextLogits model = [](std::span<const int> so_far) {
    std::vector<double> logits;
    for (int i = 0; i < 27; ++i) logits.push_back(std::sin(i * (1.0 + so_far.size())));
    return logits;
  };
  const auto draw = [&](double temperature, std::uint64_t seed) {
    return sample_names(model, tokenizer, 20, 16, temperature, seed);
  };
  const auto samples = draw(0.7, 42);
  const auto again = draw(0.7, 42);
  REQUIRE(samples.size() == 20);
  std::string text, other;
  for (std::size_t i = 0; i < 20; ++i) {
    CHECK(samples[i].name == again[i].name);
    CHECK(samples[i].nll == name_nll(model, tokenizer.encode(samples[i].name), 26, 16));
    text += samples[i].name;
    other += draw(0.7, 43)[i].name;
  }
  CHECK(text != other);
}
