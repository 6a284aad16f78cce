// Rounding to few values, and training through it.
#include <cmath>
#include <set>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "03_autograd/check_gradient.hpp"
#include "06_gpt_adam/adam.hpp"
#include "06_gpt_adam/gpt_weights.hpp"
#include "06_gpt_adam/recipe.hpp"
#include "06_gpt_adam/straight_through.hpp"
#include "common/corpus.hpp"
#include "common/dataset.hpp"
#include "common/error.hpp"
#include "common/shipped.hpp"
#include "common/test_support.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;

namespace {

Gpt shipped_gpt() { return gpt_from_weights(load_weights(shipped_weights_path())); }

Dataset shipped_split(const Corpus& corpus) {
  return split_held_out(Tokenizer::canonical().encode_all(corpus.rows), 42);
}

Step quantized(Gpt& gpt, int levels, Adam& adam) {
  return straight_through_step(
      gpt.parameters(), levels,
      [&](MatrixTape& tape, Batch batch) { return gpt.loss(tape, batch); },
      [&](std::span<Parameter* const> all, double lr) { adam.update(all, lr); });
}

}  // namespace

TEST_CASE("bits are 1.58 or a whole number from 2 to 8") {
  CHECK(levels_of("1.58") == 3);
  CHECK(levels_of("2") == 4);
  CHECK(levels_of("4") == 16);
  CHECK(levels_of("8") == 256);
  for (const char* bits : {"1", "9", "", "0", "-4", "4.0", "04", "1.5", "four", "16"}) {
    CAPTURE(bits);
    CHECK_THROWS_AS(levels_of(bits), UsageError);
  }
}

TEST_CASE("each number is rounded to the nearest of its row's levels") {
  const int levels = GENERATE(3, 4, 16, 256);
  Random random(7);
  const Matrix exact = random_parameter(random, 40, 16).value;
  Matrix rounded = exact;
  round_rows(rounded, levels);
  for (Eigen::Index i = 0; i < exact.rows(); ++i) {
    Eigen::Index largest;
    double scale = exact.row(i).cwiseAbs().maxCoeff(&largest);
    if (levels == 3) {
      scale = exact.row(i).cwiseAbs().sum() / 16;
    } else {
      CHECK_THAT(rounded(i, largest), WithinAbs(exact(i, largest), 1e-15));
      const int steps_down = levels / 2;
      scale = -exact(i, largest) / steps_down;
    }
    for (Eigen::Index j = 0; j < exact.cols(); ++j) {
      double nearest = 0;
      for (int code = -levels / 2; code < (levels + 1) / 2; ++code) {
        const double level = code * scale;
        if (std::abs(level - exact(i, j)) < std::abs(nearest - exact(i, j))) nearest = level;
      }
      REQUIRE_THAT(rounded(i, j), WithinAbs(nearest, 1e-12));
    }
  }
}

TEST_CASE("rounding what is rounded changes nothing, and a row of zeros stays one") {
  Random random(8);
  Matrix once = random_parameter(random, 10, 16).value;
  once.row(3).setZero();
  round_rows(once, 16);
  Matrix twice = once;
  round_rows(twice, 16);
  CHECK_THAT((twice - once).cwiseAbs().maxCoeff(), WithinAbs(0, 1e-14));
  CHECK(once.row(3).isZero(0));
  round_rows(once, 3);
  CHECK(once.row(3).isZero(0));
}

// With codes as constants plus what the number itself adds, number / scale + (code - number /
// scale), the rounded row is a smooth function of the exact one, and its slope is the gradient
// wanted.
TEST_CASE("the gradient through 16 levels is a slope, and it moves the exact numbers") {
  Random random(9);
  Parameter weights = random_parameter(random, 5, 4, 0.3), gain = random_parameter(random, 1, 5);
  const std::vector<Parameter*> learnt = {&weights, &gain};
  const Matrix inputs = random_parameter(random, 6, 4).value;
  const Matrix exact = weights.value, exact_gain = gain.value;
  Matrix rounded = exact;
  round_rows(rounded, 16);
  const auto scales_of = [](const Matrix& w) {
    Eigen::VectorXd scales(w.rows());
    for (Eigen::Index i = 0; i < w.rows(); ++i) scales[i] = w.row(i).cwiseAbs().maxCoeff();
    return scales;
  };
  const Eigen::VectorXd at = scales_of(exact);
  const Matrix rest = at.cwiseInverse().asDiagonal() * (rounded - exact);
  // Not linear in the weights, so that the gradient tells at which weights it was taken.
  const auto loss = [&](MatrixTape& tape, Batch) {
    const Var y = linear(tape.constant(inputs), tape.leaf(weights));
    return weighted_sum(exp(linear(y, tape.leaf(gain))), Matrix::Ones(6, 1));
  };
  const auto smooth_loss = [&](const Matrix& w) {
    const Matrix as_rounded = w + scales_of(w).asDiagonal() * rest;
    return (inputs * as_rounded.transpose() * exact_gain.transpose()).array().exp().sum();
  };
  const Step step =
      straight_through_step(learnt, 16, loss, [&](std::span<Parameter* const> all, double lr) {
        CHECK(weights.value == exact);
        sgd(all, lr);
      });
  const double before = step({}, 0.01);
  CHECK_THAT(before, WithinAbs(smooth_loss(exact), 1e-9));
  for (Eigen::Index i = 0; i < exact.size(); ++i) {
    Matrix above = exact, below = exact;
    above.data()[i] += 1e-6;
    below.data()[i] -= 1e-6;
    const double slope = (smooth_loss(above) - smooth_loss(below)) / 2e-6;
    CHECK_THAT(weights.grad.data()[i], WithinAbs(slope, 1e-6 * std::max(1.0, std::abs(slope))));
  }
  CHECK_THAT((weights.value - (exact - 0.01 * weights.grad)).norm(), WithinAbs(0, 1e-12));
  CHECK_THAT((gain.value - (exact_gain - 0.01 * gain.grad)).norm(), WithinAbs(0, 1e-12));
}

TEST_CASE("a few steps of 4 bits take back most of what rounding lost") {
  const Corpus corpus = load_corpus();
  const Dataset split = shipped_split(corpus);
  const std::vector<Tokens> examined(split.held_out.begin(), split.held_out.begin() + 500);
  Gpt rounded = shipped_gpt(), trained = shipped_gpt();
  const double exact = trained.nll(examined);
  round_matrices(rounded.parameters(), 16);
  Adam adam(microgpt_adam);
  train_batches(split.train, {.steps = 300, .batch_size = 32, .lr = 0.001, .seed = 1},
                quantized(trained, 16, adam), "");
  round_matrices(trained.parameters(), 16);
  const double lost = rounded.nll(examined) - exact;
  CHECK(lost > 0.05);
  CHECK(trained.nll(examined) - exact < 0.7 * lost);
}

TEST_CASE(
    "shipped weights of few bits: a scale a row, few values, and the command that made them") {
  struct File {
    std::string path, bits;
    int levels;
  };
  for (const auto& [path, bits, levels] :
       {File{shipped_int4_path(), "4", 16}, File{shipped_ternary_path(), "1.58", 3}}) {
    CAPTURE(path);
    const Weights weights = load_weights(path);
    CHECK_THAT(weights.metadata.at("command"), ContainsSubstring(" --bits " + bits + " "));
    Gpt gpt = gpt_from_weights(weights);
    CHECK(count_numbers(gpt.parameters()) == 4192);
    std::set<double> codes;
    for (const Parameter* parameter : gpt.parameters()) {
      for (const auto row : parameter->value.rowwise()) {
        Eigen::Index largest;
        REQUIRE(row.cwiseAbs().maxCoeff(&largest) > 0);
        const int steps_down = levels / 2;
        const double scale = row(largest) / -steps_down;
        for (const double number : row) {
          const double code = std::round(number / scale);
          REQUIRE_THAT(number / scale, WithinAbs(code, 1e-5));
          codes.insert(levels == 3 ? std::abs(code) : code);
        }
      }
    }
    CHECK(*codes.rbegin() <= std::max(1, (levels - 1) / 2));
    CHECK(codes.size() == static_cast<std::size_t>(levels == 3 ? 2 : 16));
  }
}

TEST_CASE("shipped weights of few bits: what they cost on names they have not seen") {
  const Corpus corpus = load_corpus();
  if (!corpus.is_canonical()) SKIP("MICROGPT_NAMES must name makemore's names.txt");
  const Dataset split = shipped_split(corpus);
  const auto nll = [&](const std::string& path) {
    return gpt_from_weights(load_weights(path)).nll(split.held_out);
  };
  const double exact = nll(shipped_weights_path());
  CHECK_THAT(exact, WithinAbs(2.0963, 1e-4));
  CHECK_THAT(nll(shipped_int4_path()), WithinAbs(2.1193, 1e-4));
  CHECK_THAT(nll(shipped_ternary_path()), WithinAbs(2.3251, 1e-4));
}
