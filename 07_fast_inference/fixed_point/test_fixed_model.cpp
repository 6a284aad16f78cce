// Weights in fixed point: the proof that 32 bits are enough, the same function with other weights,
// and the same bits from vectors.
#include <algorithm>
#include <cmath>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "07_fast_inference/fixed_point/q4_12.hpp"
#include "07_fast_inference/judge/reference.hpp"
#include "07_fast_inference/test_golden.hpp"
#include "common/largest.hpp"
#include "common/random.hpp"

using namespace ladder;

namespace {

// Adds the products up in an order of its own, in 32 bits. \returns false if they are not enough
bool fits(std::vector<std::int64_t> products, Random& random) {
  random.shuffle(products);
  std::int32_t sum = 0;
  for (const std::int64_t product : products) {
    if (product < INT32_MIN || product > INT32_MAX) return false;
    if (__builtin_add_overflow(sum, static_cast<std::int32_t>(product), &sum)) return false;
  }
  return true;
}

// The worst inputs there are for each row: those that make its sum largest, smallest, or that first
// go one way and then the other; in any order.
template <std::size_t rows, std::size_t columns>
bool worst_cases_fit(const FixedMatrix<rows, columns>& w, std::int64_t most, bool negative) {
  Random random(1);
  for (const auto& row : w.weight) {
    for (int kind = 0; kind < 6; ++kind) {
      std::vector<std::int64_t> products;
      for (std::size_t j = 0; j < columns; ++j) {
        const bool up = kind == 0 || (kind > 1 && random.below(2) == 0);
        const std::int64_t input = (row[j] > 0) == up ? most : negative ? -most : 0;
        products.push_back(row[j] * input);
      }
      if (!fits(products, random)) return false;
    }
  }
  return true;
}

bool worst_cases_fit(const FixedModel& m) {
  const auto normed = std::min<std::int64_t>(
      32768, std::lround(std::ldexp(4.002, m.format.fraction - m.exponent.normed)));
  return worst_cases_fit(m.wq, normed, true) && worst_cases_fit(m.wk, normed, true) &&
         worst_cases_fit(m.wv, normed, true) && worst_cases_fit(m.wo, 32768, true) &&
         worst_cases_fit(m.fc1, normed, true) && worst_cases_fit(m.fc2, 32767, false) &&
         worst_cases_fit(m.lm_head, m.final_norm ? normed : 32768, true);
}

MicroGpt some_model(unsigned seed) {
  const float sigmas[] = {0.02f, 0.3f, 1.0f, 5.0f};
  return seed == 0 ? shipped_model() : random_model(seed, sigmas[seed % 4], seed % 2 == 1);
}

// A random walk through places: every position, mostly letters.
Place next_of(Place place, Random& random) {
  if (place.position + 1 == block_size || random.below(10) == 0) return {};
  return {static_cast<int>(random.below(bos_token)), place.position + 1};
}

}  // namespace

TEST_CASE("32 bits are enough for every sum, in any order, or it is said that they are not") {
  for (unsigned seed = 0; seed < 12; ++seed) {
    CAPTURE(seed);
    const MicroGpt model = some_model(seed);
    for (const MicroGpt& m : {model, fit_to_fixed_point(model)}) {
      const FixedModel fixed = to_fixed_model(m);
      CHECK(fixed.fits_32_bits);
      CHECK(worst_cases_fit(fixed));
      const FixedModel plain = to_fixed_model(m, {.fraction = 12, .exponents = false});
      CHECK(plain.fits_32_bits == worst_cases_fit(plain));
    }
  }
  // With the trained weights as they are, fc2 times hidden numbers up to 8 may reach 147.
  CHECK_FALSE(to_fixed_model(shipped_model(), {12, false}).fits_32_bits);
}

TEST_CASE("what is normed is within the bound that the proof rests on") {
  FixedPointEngine engine(to_fixed_model(shipped_model()));
  std::int64_t largest = 0;
  engine.trace([&](std::string_view step, std::span<const std::int64_t> numbers) {
    if (step != "h1" && step != "h2") return;
    for (const std::int64_t n : numbers) largest = std::max(largest, std::abs(n));
  });
  Random random(3);
  Place place;
  for (int i = 0; i < 3000; ++i) {
    engine.sums(place);
    place = next_of(place, random);
  }
  CHECK(largest <= std::lround(4.002 * 4096));
  CHECK(largest > 3 * 4096);
}

TEST_CASE("fitted weights are the same function") {
  for (unsigned seed : {0u, 1u, 2u, 5u, 6u}) {
    CAPTURE(seed);
    const MicroGpt model = some_model(seed);
    Reference before(model), after(fit_to_fixed_point(model));
    Random random(seed);
    Place place;
    double largest = 0, largest_logit = 1;
    for (int i = 0; i < 500; ++i) {
      const auto expected = before.logits(place.token, place.position);
      for (const double logit : expected) largest_logit = std::max(largest_logit, std::abs(logit));
      largest = larger_or_nan(
          largest, largest_difference(after.logits(place.token, place.position), expected));
      place = next_of(place, random);
    }
    CHECK(largest < 1e-4 * largest_logit);
  }
}

TEST_CASE("fitted weights need no exponents but for the last x") {
  const auto exponents = [](const MicroGpt& model) {
    const FixedModel m = to_fixed_model(model);
    const FixedExponents& e = m.exponent;
    return std::vector{e.embedding,    e.residual,     e.normed,          e.query,
                       e.key,          e.value,        e.hidden,          e.last,
                       m.wq.exponent,  m.wk.exponent,  m.wv.exponent,     m.wo.exponent,
                       m.fc1.exponent, m.fc2.exponent, m.lm_head.exponent};
  };
  CHECK(exponents(fit_to_fixed_point(shipped_model())) ==
        std::vector{0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0});
  // As trained: embeddings up to 17, keys up to 11.
  const auto trained = exponents(shipped_model());
  CHECK(trained[0] == 2);
  CHECK(trained[4] == 1);
}

TEST_CASE("vectors give the same bits as the definition's loops") {
  for (unsigned seed = 0; seed < 16; ++seed) {
    const bool fit = seed % 3 != 2;
    CAPTURE(seed, fit);
    const MicroGpt model = some_model(seed);
    const FixedModel fixed = to_fixed_model(fit ? fit_to_fixed_point(model) : model);
    const auto vectors = make_fixed_vectors(fixed);
    if (!vectors) continue;  // shifts that only the loops do
    FixedPointEngine loops(fixed);
    Random random(seed);
    Place place;
    const float temperature = GENERATE(0.5f, 1.0f, 3.0f);
    vectors->start(seed, temperature);
    loops.start(seed, temperature);
    for (int i = 0; i < 300; ++i) {
      const FixedSums sums = loops.sums(place);
      REQUIRE(vectors->sums(place) == sums);
      const auto bits = static_cast<std::uint32_t>(random.below(std::uint64_t{1} << 32));
      REQUIRE(vectors->draw(sums, bits) == loops.draw(sums, bits));
      place = next_of(place, random);
    }
  }
}

TEST_CASE("vectors give the same bits where queries and keys saturate") {
  for (unsigned seed = 1; seed < 9; ++seed) {
    CAPTURE(seed);
    MicroGpt model = random_model(seed, 0.1f);
    for (std::size_t i = 0; i < n_embd; ++i) {
      for (std::size_t j = 0; j < n_embd; ++j) {
        model.attn_wq[i][j] *= 30;  // half of it is left: √head_dim
        // Keys like queries, or their opposite: then even the largest score is as low as there is.
        model.attn_wk[i][j] = seed % 2 ? 15 * model.attn_wk[i][j] : -model.attn_wq[i][j] / 2;
      }
    }
    const FixedModel fixed = to_fixed_model(model, {.fraction = 12, .exponents = false});
    const auto vectors = make_fixed_vectors(fixed);
    REQUIRE(vectors);
    FixedPointEngine loops(fixed);
    int saturated = 0;
    loops.trace([&](std::string_view step, std::span<const std::int64_t> numbers) {
      if (step == "k") saturated += std::count(numbers.begin(), numbers.end(), -32767) > 0;
    });
    Random random(seed);
    Place place;
    for (int i = 0; i < 500; ++i) {
      REQUIRE(vectors->sums(place) == loops.sums(place));
      place = next_of(place, random);
    }
    CHECK(saturated > 10);
  }
}

TEST_CASE("vectors do the trained weights, and those of both variants") {
  CHECK(make_fixed_vectors(to_fixed_model(fit_to_fixed_point(shipped_model()))));
  CHECK(make_fixed_vectors(to_fixed_model(fit_to_fixed_point(random_model(1, 0.3f, true)))));
  CHECK(make_fixed_vectors(to_fixed_model(shipped_model())));
  // A sum may leave 32 bits here.
  CHECK_FALSE(make_fixed_vectors(to_fixed_model(shipped_model(), {12, false})));
}

TEST_CASE("vectors draw as the loops do from sums at the ends of their range") {
  const FixedModel fixed = to_fixed_model(fit_to_fixed_point(shipped_model()));
  const auto vectors = make_fixed_vectors(fixed);
  FixedPointEngine loops(fixed);
  Random random(4);
  for (const float temperature : {1e-6f, 0.3f, 1.0f, 1000.0f}) {
    vectors->start(1, temperature);
    loops.start(1, temperature);
    for (int i = 0; i < 2000; ++i) {
      FixedSums sums;
      const int kind = i % 4;
      for (std::int32_t& sum : sums) {
        const auto any = static_cast<std::uint32_t>(random.below(std::uint64_t{1} << 32));
        sum = static_cast<std::int32_t>(any) >> (kind == 0 ? 0 : kind == 1 ? 6 : 12);
        if (kind == 3) sum = any % 3 == 0 ? INT32_MIN : any % 3 == 1 ? INT32_MAX : 0;
      }
      const auto bits = static_cast<std::uint32_t>(random.below(std::uint64_t{1} << 32));
      REQUIRE(vectors->draw(sums, bits) == loops.draw(sums, bits));
    }
  }
}

TEST_CASE("vectors write a million tokens as the loops do", "[nll]") {
  const auto loops = make_q4_12_plain(shipped_model()), vectors = make_q4_12(shipped_model());
  std::vector<std::uint8_t> expected(1'000'000), tokens(1'000'000);
  loops->start(11, 1);
  loops->generate(expected);
  vectors->start(11, 1);
  vectors->generate(tokens);
  CHECK(tokens == expected);
}
