#include <cmath>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "05_gpt_sgd/gpt.hpp"
#include "06_gpt_adam/adam.hpp"
#include "06_gpt_adam/recipe.hpp"
#include "common/corpus.hpp"
#include "common/dataset.hpp"
#include "common/random.hpp"

using namespace ladder;
using Catch::Matchers::WithinAbs;

TEST_CASE("the first step of Adam is lr against the gradient's sign, whatever its size") {
  for (const double gradient : {1e-3, 1.0, -4.0, 1e5}) {
    Parameter p("p", 1, 1);
    p.value(0, 0) = 2;
    p.grad(0, 0) = gradient;
    Parameter* const all[] = {&p};
    Adam adam({});
    adam.update(all, 0.1);
    CHECK_THAT(p.value(0, 0), WithinAbs(2 - std::copysign(0.1, gradient), 1e-5));
  }
}

TEST_CASE("Adam on numbers, written out as in the paper") {
  const AdamOptions options{.beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3};
  Random random(1);
  Parameter a("a", 2, 3), b("b", 1, 4);
  Parameter* const all[] = {&a, &b};
  std::vector<double> value(10, 0.0), m(10, 0.0), v(10, 0.0);
  Adam adam(options);
  for (int t = 1; t <= 20; ++t) {
    const double lr = 0.1 / t;
    std::size_t i = 0;
    for (Parameter* p : all) {
      for (Eigen::Index j = 0; j < p->grad.size(); ++j, ++i) {
        const double g = p->grad.data()[j] = random.normal();
        m[i] = 0.8 * m[i] + 0.2 * g;
        v[i] = 0.95 * v[i] + 0.05 * g * g;
        const double m_hat = m[i] / (1 - std::pow(0.8, t)), v_hat = v[i] / (1 - std::pow(0.95, t));
        value[i] -= lr * m_hat / (std::sqrt(v_hat) + 1e-3);
      }
    }
    adam.update(all, lr);
  }
  std::size_t i = 0;
  for (Parameter* p : all) {
    for (const double number : p->value.reshaped<Eigen::RowMajor>()) {
      CHECK_THAT(number, WithinAbs(value[i++], 1e-12));
    }
  }
}

TEST_CASE("a parameter without gradient stays where it is") {
  Parameter p("p", 1, 2);
  p.value << 1, 2;
  Parameter* const all[] = {&p};
  Adam adam({});
  for (int i = 0; i < 5; ++i) adam.update(all, 1);
  CHECK(p.value(0, 0) == 1);
  CHECK(p.value(0, 1) == 2);
}

TEST_CASE("the default recipe: NLL 2.09 on train, 2.11 held out, both variants", "[nll]") {
  const Corpus corpus = load_corpus();
  const Tokenizer tokenizer(corpus.rows);
  const Dataset dataset = split_held_out(tokenizer.encode_all(corpus.rows), gpt_adam_plan.seed);
  const auto check = [&](bool gains, const AdamOptions& options) {
    Gpt gpt({tokenizer.vocab_size(), 4, gains}, Random(gpt_adam_plan.seed));
    Adam adam(options);
    const Step step = tape_step(
        gpt.parameters(), [&](MatrixTape& tape, Batch batch) { return gpt.loss(tape, batch); },
        [&](std::span<Parameter* const> all, double lr) { adam.update(all, lr); });
    train_batches(dataset.train, gpt_adam_plan, step, "");
    CHECK(gpt.nll(dataset.train) <= 2.09);
    CHECK(gpt.nll(dataset.held_out) <= 2.11);
  };
  SECTION("4,240 parameters") { check(true, gpt_adam); }
  SECTION("4,192 parameters") { check(false, microgpt_adam); }
}
