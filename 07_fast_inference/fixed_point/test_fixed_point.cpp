// The fixed-point arithmetic at its edges, and the model made of it against the golden logits.
#include <cmath>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "07_fast_inference/engines.hpp"
#include "07_fast_inference/fixed_point/q4_12.hpp"
#include "07_fast_inference/judge/reference.hpp"
#include "07_fast_inference/test_golden.hpp"
#include "common/largest.hpp"

using namespace ladder;
using Catch::Matchers::WithinAbs;

TEST_CASE("saturation stops at both ends") {
  CHECK(saturate16(32767) == 32767);
  CHECK(saturate16(32768) == 32767);
  CHECK(saturate16(-32768) == -32768);
  CHECK(saturate16(-32769) == -32768);
  CHECK(saturate32(std::int64_t{1} << 31) == INT32_MAX);
  CHECK(saturate32(-(std::int64_t{1} << 31) - 1) == INT32_MIN);
  CHECK(add_saturated(32767, 1) == 32767);
  CHECK(add_saturated(-32768, -32768) == -32768);
  CHECK(add_saturated(-32768, 32767) == -1);
}

TEST_CASE("rounding goes to the nearest, ties up") {
  CHECK(shift_rounded(3, 1) == 2);    //  1.5 → 2
  CHECK(shift_rounded(-3, 1) == -1);  // -1.5 → -1
  CHECK(shift_rounded(1, 1) == 1);    //  0.5 → 1
  CHECK(shift_rounded(-1, 1) == 0);   // -0.5 → 0
  CHECK(shift_rounded(5, 3) == 1);    //  0.625 → 1
  CHECK(shift_rounded(-5, 3) == -1);
  CHECK(shift_rounded(7, 0) == 7);
  CHECK(shift_rounded(INT32_MAX, 1) == 1 << 30);  // the half that is added does not overflow
  CHECK(shift_rounded(INT32_MIN, 32) == 0);       // -0.5 → 0
  CHECK(shift_rounded(INT32_MIN, 31) == -1);
}

TEST_CASE("a sum becomes a number: rounded, then saturated") {
  CHECK(narrow(4095, 12) == 1);
  CHECK(narrow(2048, 12) == 1);
  CHECK(narrow(2047, 12) == 0);
  CHECK(narrow(-2048, 12) == 0);
  CHECK(narrow(-2049, 12) == -1);
  CHECK(narrow(INT32_MAX, 12) == 32767);
  CHECK(narrow(INT32_MIN, 12) == -32768);
  CHECK(narrow(INT32_MIN, 16) == -32768);
  CHECK(narrow(std::int64_t{64} << 30, 12) == 32767);  // the largest sum of 64 products
  CHECK(narrow((32767 << 12) + 2048, 12) == 32767);    // rounding must not carry over the top
  CHECK(narrow(-3, -2) == -12);
  CHECK(narrow(20'000, -1) == 32767);
  CHECK(narrow_unsigned(0xFFFFFFFF, 16) == 65535);
  CHECK(narrow_unsigned(0xFFFF0000, 16) == 65535);
  CHECK(narrow_unsigned(0xFFFFFFFF, 32) == 1);
  CHECK(narrow_unsigned(40'000, -1) == 65535);
  CHECK(narrow_unsigned(1, -64) == 65535);  // far to the left is the end of the range, not 0
  CHECK(narrow(-1, -40) == -32768);
  CHECK(narrow(-(std::int64_t{64} << 30), -40) == -32768);
  CHECK(narrow(0, -64) == 0);
}

TEST_CASE("real numbers become fixed ones") {
  CHECK(to_fixed(1, 12) == 4096);
  CHECK(to_fixed(-8, 12) == -32768);
  CHECK(to_fixed(8, 12) == 32767);
  CHECK(to_fixed(-1e30, 12) == -32768);
  CHECK(to_fixed(HUGE_VAL, 12) == 32767);
  CHECK(to_fixed(0.5 / 4096, 12) == 1);
  CHECK(to_fixed(-0.5 / 4096, 12) == 0);
  CHECK(to_fixed(-1.5 / 4096, 12) == -1);
  CHECK(to_fixed(std::nan(""), 12) == 0);
}

TEST_CASE("exp at its ends, its joints, and everywhere between") {
  CHECK(exp_negative(0) == 32768);
  CHECK(exp_negative(1) == 32761);     // 32760.0005, between two entries of the table
  CHECK(exp_negative(4096) == 12055);  // 1/e
  CHECK(exp_negative(65535) == 0);
  double largest = 0;
  std::uint16_t before = 32768;
  for (int z = 0; z <= 65535; ++z) {
    const std::uint16_t power = exp_negative(static_cast<std::uint16_t>(z));
    REQUIRE(power <= before);  // never rises
    before = power;
    largest = larger_or_nan(largest, std::abs(power / 32768.0 - std::exp(-z / 4096.0)));
  }
  CHECK(largest < 2.0 / 32768);
}

namespace {

double value_of(Scale scale) { return std::ldexp(scale.mantissa, -scale.shift); }

// Every small number, and those around every power of two and many between.
template <class F>
void for_numbers(F&& f) {
  for (std::uint32_t n = 1; n < 70'000; ++n) f(n);
  for (int bit = 16; bit < 32; ++bit) {
    for (std::uint32_t i = 0; i < 4096; ++i) f((1u << bit) + i * ((1u << bit) / 4096));
    f((1u << bit) - 1);
  }
  f(0xFFFFFFFF);
}

}  // namespace

TEST_CASE("reciprocal: the smallest, the largest, and all between") {
  CHECK(reciprocal(1) == Scale{65534, 16});
  CHECK(reciprocal(0) == reciprocal(1));
  CHECK(reciprocal(1u << 31) == Scale{65534, 47});
  CHECK(reciprocal(3) == Scale{43690, 17});
  CHECK(reciprocal(0xFFFFFFFF).shift == 47);
  double largest = 0;
  for_numbers([&](std::uint32_t d) {
    const Scale scale = reciprocal(d);
    REQUIRE(scale.mantissa >= 32768);
    largest = larger_or_nan(largest, std::abs(value_of(scale) * d - 1));
  });
  CHECK(largest < 0x1p-14);
}

TEST_CASE("reciprocal square root: of 0, the smallest, the largest, and all between") {
  CHECK(reciprocal_sqrt(0, 12) == reciprocal_sqrt(1, 12));
  CHECK(reciprocal_sqrt(1, 12) == Scale{65535, 4});  // 1 / 2^-12 = 4096 = 65536 / 2^4
  CHECK(reciprocal_sqrt(1u << 24, 12).shift == 16);  // 1 / √1
  CHECK(reciprocal_sqrt(0xFFFFFFFF, 12).shift == 19);
  double largest = 0;
  const int fraction = GENERATE(12, 13);
  for_numbers([&](std::uint32_t m) {
    const Scale scale = reciprocal_sqrt(m, fraction);
    REQUIRE(scale.mantissa >= 32767);
    const double exact = std::ldexp(1 / std::sqrt(static_cast<double>(m)), fraction);
    largest = larger_or_nan(largest, std::abs(value_of(scale) / exact - 1));
  });
  CHECK(largest < 0x1p-13);
}

TEST_CASE("scaling saturates and rounds as everything does") {
  CHECK(multiply(-32768, Scale{65535, 16}) == -32767);  // -32767.5, a tie, goes up
  CHECK(multiply(-32768, Scale{65535, 4}) == -32768);
  CHECK(multiply(32767, Scale{65535, 4}) == 32767);
  CHECK(multiply(1, Scale{32768, 16}) == 1);
  CHECK(multiply(-1, Scale{32768, 16}) == 0);
  CHECK(multiply(4096, Scale{32768, 15}, 2) == 1024);
}

TEST_CASE("q4_12 stays within its stated bound of the golden logits") {
  for (const auto make : {make_q4_12, make_q4_12_plain}) {
    const auto engine = make(shipped_model());
    const double error = largest_golden_error(*engine);
    CAPTURE(error);
    CHECK(error < FixedPointEngine::error_bound);
    CHECK(error > 1e-4);  // it is no floating point in disguise
  }
}

TEST_CASE("q4_12 costs no more than 0.002 nats", "[nll]") {
  const MicroGpt model = shipped_model();
  const auto names = corpus_names(500);
  Reference reference(model);
  const double exact = mean_nll(reference, names);
  CHECK_THAT(mean_nll(*make_q4_12(model), names), WithinAbs(exact, 0.0005));
  // As trained, with exponents; and without them, where embeddings beyond 8 saturate.
  FixedPointEngine as_trained(model), saturating(model, {.fraction = 12, .exponents = false});
  CHECK_THAT(mean_nll(as_trained, names), WithinAbs(exact, 0.002));
  CHECK(mean_nll(saturating, names) > exact + 0.1);
  // Fitted weights need none.
  FixedPointEngine fitted(fit_to_fixed_point(model), {.fraction = 12, .exponents = false});
  CHECK_THAT(mean_nll(fitted, names), WithinAbs(exact, 0.0005));
}

TEST_CASE("q4_12 is what it was: bit by bit") {
  FixedPointEngine engine(to_fixed_model(fit_to_fixed_point(shipped_model())));
  std::uint32_t hash = 2166136261u;  // FNV-1a over every sum of a few names
  for (const Tokens& name : corpus_names(20)) {
    Place place;
    for (std::size_t i = 0; i <= name.size() && i < block_size; ++i) {
      for (const std::int32_t sum : engine.sums(place)) {
        hash = (hash ^ static_cast<std::uint32_t>(sum)) * 16777619u;
      }
      if (i < name.size()) place = {name[i], place.position + 1};
    }
  }
  CHECK(hash == 0x86ee5d1);
}

TEST_CASE("q4_12 draws as the contract says, from its own probabilities") {
  FixedPointEngine engine(shipped_model());
  engine.start(1, 1);
  FixedSums sums;
  sums.fill(INT32_MIN);
  sums[3] = INT32_MAX;  // all probability on one token, as far apart as sums can be
  CHECK(engine.draw(sums, 0) == 3);
  CHECK(engine.draw(sums, 0xFFFFFFFF) == 3);
  sums.fill(0);  // all alike: token i owns 1/27
  CHECK(engine.draw(sums, 0) == 0);
  CHECK(engine.draw(sums, 0xFFFFFFFF) == 26);
  // u = 1/27, rounded down and up to 24 bits: a running sum must *exceed* u times the total.
  CHECK(engine.draw(sums, (621378u << 8) | 255) == 0);
  CHECK(engine.draw(sums, 621379u << 8) == 1);
  engine.start(1, 1e6f);  // so hot that logits do not matter
  sums[3] = INT32_MAX / 2;
  CHECK(engine.draw(sums, 0xFFFFFFFF) == 26);
  engine.start(1, 1e-6f);  // so cold that only the largest counts
  sums[7] = sums[3] - (1 << 20);
  CHECK(engine.draw(sums, 0xFFFFFFFF) == 3);
}

TEST_CASE("q4_12 writes names in pieces as at once") {
  FixedPointEngine engine(shipped_model());
  std::vector<std::uint8_t> once(900), pieces(900);
  engine.start(42, 0.8f);
  engine.generate(once);
  engine.start(42, 0.8f);
  for (std::size_t i = 0; i < 900; i += 100) engine.generate(std::span(pieces).subspan(i, 100));
  CHECK(once == pieces);
}

TEST_CASE("q4_12 takes any weights: saturated, never wrapped round") {
  const float sigma = GENERATE(1e-6f, 0.08f, 1.0f, 100.0f);
  const bool final_norm = GENERATE(false, true), fit = GENERATE(false, true);
  CAPTURE(sigma, final_norm, fit);
  const MicroGpt model = random_model(9, sigma, final_norm);
  FixedPointEngine engine(to_fixed_model(fit ? fit_to_fixed_point(model) : model));
  for (int t = 0; t < block_size; ++t) {
    for (const float logit : engine.logits(t, t)) REQUIRE(std::isfinite(logit));
  }
  engine.start(5, 1);
  std::vector<std::uint8_t> tokens(200);
  engine.generate(tokens);
  for (const auto token : tokens) REQUIRE(token <= bos_token);
}
