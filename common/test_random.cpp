#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "common/random.hpp"

using namespace ladder;
using Catch::Matchers::WithinAbs;

TEST_CASE("SplitMix64 gives the published sequence of seed 1234567") {
  Random random(1234567);
  CHECK(random.bits() == 6457827717110365317u);
  CHECK(random.bits() == 3203168211198807973u);
  CHECK(random.bits() == 9817491932198370423u);
  CHECK(random.bits() == 4593380528125082431u);
  CHECK(random.bits() == 16408922859458223821u);
}

TEST_CASE("uniform() is the upper 53 bits, 0 included and 1 not") {
  Random bits(5), random(5);
  double sum = 0, sum_of_squares = 0;
  constexpr int draws = 100'000;
  for (int i = 0; i < draws; ++i) {
    const double u = random.uniform();
    REQUIRE(u == static_cast<double>(bits.bits() >> 11) / 9007199254740992.0);
    REQUIRE((u >= 0 && u < 1));
    sum += u;
    sum_of_squares += u * u;
  }
  CHECK_THAT(sum / draws, WithinAbs(1.0 / 2, 0.005));
  CHECK_THAT(sum_of_squares / draws, WithinAbs(1.0 / 3, 0.005));
}

TEST_CASE("below() reaches every number, each as often as the others") {
  Random random(6);
  for (const std::uint64_t n : {1u, 2u, 3u, 7u, 10u}) {
    std::array<int, 10> seen{};
    constexpr int draws = 100'000;
    for (int i = 0; i < draws; ++i) ++seen.at(random.below(n));
    // Five standard deviations of a binomial distribution.
    const double p = 1.0 / static_cast<double>(n);
    for (std::size_t i = 0; i < 10; ++i) {
      if (i >= n) {
        REQUIRE(seen[i] == 0);
      } else {
        CHECK_THAT(seen[i], WithinAbs(draws * p, 5 * std::sqrt(draws * p * (1 - p)) + 1e-9));
      }
    }
  }
}

TEST_CASE("below() throws the unfair draws away") {
  // Of 2^64 draws modulo 3 * 2^62, a quarter of them would land on the first third twice.
  constexpr std::uint64_t n = std::uint64_t{3} << 62;
  Random random(7);
  int first_third = 0;
  constexpr int draws = 30'000;
  for (int i = 0; i < draws; ++i) {
    const std::uint64_t draw = random.below(n);
    REQUIRE(draw < n);
    first_third += draw < n / 3;
  }
  CHECK_THAT(first_third / double{draws}, WithinAbs(1.0 / 3, 0.015));  // 1/2 with the bias
}

TEST_CASE("normal() has mean 0, variance 1 and the kurtosis of twelve uniforms") {
  Random random(8);
  double mean = 0, variance = 0, fourth = 0;
  constexpr int draws = 200'000;
  for (int i = 0; i < draws; ++i) {
    const double x = random.normal();
    REQUIRE(std::abs(x) <= 6);
    mean += x / draws;
    variance += x * x / draws;
    fourth += x * x * x * x / draws;
  }
  CHECK_THAT(mean, WithinAbs(0, 0.012));
  CHECK_THAT(variance, WithinAbs(1, 0.02));
  CHECK_THAT(fourth, WithinAbs(2.9, 0.12));
}

TEST_CASE("shuffle() makes all 24 orders of four things, each as often as the others") {
  Random random(9);
  std::map<std::array<int, 4>, int> seen;
  constexpr int rounds = 48'000;
  for (int i = 0; i < rounds; ++i) {
    std::vector<int> items = {0, 1, 2, 3};
    random.shuffle(items);
    ++seen[{items[0], items[1], items[2], items[3]}];
  }
  CHECK(seen.size() == 24);
  for (const auto& [order, count] : seen) CHECK_THAT(count, WithinAbs(2000, 5 * std::sqrt(1917)));
}

TEST_CASE("shuffle() of nothing and of one thing") {
  Random random(10);
  std::vector<int> none, one = {3};
  random.shuffle(none);
  random.shuffle(one);
  CHECK(none.empty());
  CHECK(one == std::vector{3});
}
