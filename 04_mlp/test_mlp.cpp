#include <cmath>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <fmt/format.h>

#include "03_autograd/check_gradient.hpp"
#include "04_mlp/mlp.hpp"
#include "04_mlp/training.hpp"
#include "common/corpus.hpp"
#include "common/error.hpp"
#include "common/test_support.hpp"

using namespace ladder;
using Catch::Matchers::WithinAbs;

namespace {

Tokens random_tokens(Random& random, std::size_t count, std::uint64_t vocab_size) {
  Tokens tokens(count);
  for (int& token : tokens) token = static_cast<int>(random.below(vocab_size));
  return tokens;
}

}  // namespace

TEST_CASE("layers: gradients by central differences, on random shapes") {
  Random random(2);
  for (int round = 0; round < 15; ++round) {
    const auto n = static_cast<Eigen::Index>(1 + random.below(8));
    const auto m = static_cast<Eigen::Index>(1 + random.below(8));
    Parameter x = random_parameter(random, n, m), bias = random_parameter(random, 1, m);
    Parameter table = random_parameter(random, 4, m);
    const auto per_row = static_cast<Eigen::Index>(1 + random.below(3));
    const Tokens tokens = random_tokens(random, static_cast<std::size_t>(n * per_row), 4);
    CHECK(largest_gradient_error({&x, &bias}, [&](MatrixTape& t) {
            return add_bias(t.leaf(x), t.leaf(bias));
          }) < 1e-7);
    CHECK(largest_gradient_error({&x}, [&](MatrixTape& t) { return tanh(t.leaf(x)); }) < 1e-7);
    CHECK(largest_gradient_error({&table}, [&](MatrixTape& t) {
            return embedding(t.leaf(table), tokens, per_row);
          }) < 1e-7);
  }
}

TEST_CASE("tanh is tanh, far out too") {
  MatrixTape tape;
  Matrix x(1, 7);
  x << -800, -20, -1e-9, 0, 0.3, 20, 800;
  const Var y = tanh(tape.constant(x));
  for (int i = 0; i < 7; ++i) CHECK_THAT(y.data()(0, i), WithinAbs(std::tanh(x(0, i)), 1e-15));
}

TEST_CASE("the whole MLP: gradient by central differences") {
  Mlp mlp(5, Random(1));
  for (Parameter* p : mlp.parameters()) p->value *= 0.5;
  Random random(3);
  const Tokens contexts = random_tokens(random, 4 * Mlp::context_size, 5);
  const Tokens targets = {0, 4, 2, 2};
  CHECK(largest_gradient_error(mlp.parameters(), [&](MatrixTape& tape) {
          return cross_entropy(mlp.logits(tape, contexts), targets);
        }) < 1e-7);
}

TEST_CASE("the MLP has the published 4,009 parameters") {
  Mlp mlp(27, Random(1));
  CHECK(count_numbers(mlp.parameters()) == 4009);
}

TEST_CASE("examples of a name: contexts padded with BOS, the end predicted") {
  const std::vector<Tokens> expected = {{9, 9, 9, 1}, {9, 9, 1, 2}, {9, 1, 2, 3},
                                        {1, 2, 3, 4}, {2, 3, 4, 9}, {9, 9, 9, 9}};
  CHECK(make_examples({{1, 2, 3, 4}, {}}, 9) == expected);
}

TEST_CASE("NLL over chunks is the NLL of all at once") {
  Mlp mlp(6, Random(1));
  Random random(8);
  std::vector<Tokens> names;
  for (int i = 0; i < 1500; ++i) names.push_back(random_tokens(random, 1 + random.below(9), 5));
  const auto examples = make_examples(names, 5);
  REQUIRE(examples.size() > 4096);
  std::vector<const Tokens*> all;
  for (const Tokens& example : examples) all.push_back(&example);
  MatrixTape tape;
  CHECK_THAT(mlp_nll(mlp, examples), WithinAbs(mlp_loss(mlp, tape, all).scalar(), 1e-12));
}

TEST_CASE("training: the same seed gives the same model, another one another") {
  const std::vector<Tokens> examples = make_examples({{0, 1, 2}, {2, 1}, {1}}, 3);
  const auto trained = [&](std::uint64_t seed) {
    Mlp mlp(4, Random(seed));
    const auto loss = [&](MatrixTape& tape, Batch batch) { return mlp_loss(mlp, tape, batch); };
    train_batches(examples, {.steps = 50, .batch_size = 4, .lr = 0.3, .seed = seed},
                  tape_step(mlp.parameters(), loss, sgd), "");
    return mlp.wte.value;
  };
  CHECK(trained(1) == trained(1));
  CHECK(trained(1) != trained(2));
}

TEST_CASE("training: the learning rate falls linearly to 0, and no gradient outlives its step") {
  const std::vector<Tokens> examples = make_examples({{0, 1, 2}, {2, 1}, {1}}, 3);
  Mlp mlp(4, Random(1));
  std::vector<double> rates, lengths;
  const auto remember = [&](std::span<Parameter* const> parameters, double lr) {
    rates.push_back(lr);
    lengths.push_back(parameters[0]->grad.norm());  // nothing moves: it stays
  };
  const auto loss = [&](MatrixTape& tape, Batch batch) { return mlp_loss(mlp, tape, batch); };
  const TrainingRun run =
      train_batches(examples, {.steps = 80, .batch_size = examples.size(), .lr = 0.4, .seed = 1},
                    tape_step(mlp.parameters(), loss, remember), "");
  REQUIRE(rates.size() == 80);
  CHECK(run.steps == 80);
  CHECK(run.losses.size() == 40);
  for (std::size_t i = 0; i < rates.size(); ++i) {
    CHECK_THAT(rates[i], WithinAbs(0.4 * (1 - static_cast<double>(i) / 80), 1e-12));
    CHECK_THAT(lengths[i], WithinAbs(lengths[0], 1e-12));
  }
}

TEST_CASE("sgd goes against the gradient, by lr times as far") {
  Parameter a("a", 1, 2), b("b", 1, 1);
  a.value << 1, 2;
  a.grad << 4, -8;
  b.grad << 1;
  Parameter* const all[] = {&a, &b};
  sgd(all, 0.25);
  CHECK(a.value(0, 0) == 0);
  CHECK(a.value(0, 1) == 4);
  CHECK(b.value(0, 0) == -0.25);
}

TEST_CASE("training: the seed of the plan decides the order of the batches") {
  const std::vector<Tokens> examples = make_examples({{0, 1, 2}, {2, 1}, {1}}, 3);
  const auto order = [&](std::uint64_t seed) {
    Mlp mlp(4, Random(1));
    std::vector<Tokens> seen;
    const auto loss = [&](MatrixTape& tape, Batch batch) {
      for (const Tokens* example : batch) seen.push_back(*example);
      return mlp_loss(mlp, tape, batch);
    };
    train_batches(examples, {.steps = 20, .batch_size = 4, .lr = 0.1, .seed = seed},
                  tape_step(mlp.parameters(), loss, sgd), "");
    return seen;
  };
  CHECK(order(1) == order(1));
  CHECK(order(1) != order(2));
}

TEST_CASE("at the start no tanh is saturated and no letter is favoured") {
  Mlp mlp(27, Random(3));
  const auto spread = [](const Parameter& p) {
    return p.value.norm() / std::sqrt(static_cast<double>(p.value.size()));
  };
  CHECK_THAT(spread(mlp.wte), WithinAbs(1, 0.15));
  CHECK_THAT(spread(mlp.hidden_w), WithinAbs(5.0 / 3 / std::sqrt(30.0), 0.02));
  CHECK_THAT(spread(mlp.output_w), WithinAbs(0.1, 0.01));
  CHECK(mlp.hidden_b.value.isZero(0));
  CHECK(mlp.output_b.value.isZero(0));
  const std::vector<Tokens> examples = make_examples({{0, 1, 2}, {25, 13, 4, 4}, {7}}, 26);
  CHECK_THAT(mlp_nll(mlp, examples), WithinAbs(std::log(27.0), 0.5));
}

// The loss may stay finite: with 1e300, sums of products overflow to infinities of one sign, tanh
// of them is ±1, and gradients are 0. With 1e100 nothing overflows at all.
TEST_CASE("training with a learning rate far too high says so, whether numbers overflow or not") {
  const std::vector<Tokens> examples = make_examples({{0, 1, 2}, {2, 1}, {1}}, 3);
  for (const double lr : {1e4, 1e30, 1e100, 1e300}) {
    CAPTURE(lr);
    Mlp mlp(4, Random(1));
    const auto loss = [&](MatrixTape& tape, Batch batch) { return mlp_loss(mlp, tape, batch); };
    const auto message = message_of<Error>([&] {
      train_batches(examples, {.steps = 500, .batch_size = 4, .lr = lr, .seed = 1},
                    tape_step(mlp.parameters(), loss, sgd), "");
    });
    CHECK(message.starts_with("training diverged at step 2: the loss was "));
    CHECK(message.ends_with(fmt::format("; try a smaller --lr than {:g}", lr)));
    CHECK(message.size() < 120);
  }
}

TEST_CASE("a loss that explodes and comes back has diverged all the same") {
  const std::vector<Tokens> examples(8, Tokens{0, 1});
  long steps = 0;
  const Step step = [&](Batch, double) { return ++steps == 5 ? 1e57 : 3.3; };
  const auto message = message_of<Error>([&] {
    train_batches(examples, {.steps = 100, .batch_size = 2, .lr = 0.5, .seed = 1}, step, "");
  });
  CHECK(message.starts_with(
      "training diverged at step 5: the loss was 3.3000 at first and is 1.0e+57"));
}

TEST_CASE("the default recipe reaches NLL 2.115 on the corpus", "[nll]") {
  const Corpus corpus = load_corpus();
  const Tokenizer tokenizer(corpus.rows);
  const auto examples = make_examples(tokenizer.encode_all(corpus.rows), tokenizer.bos());
  Mlp mlp(tokenizer.vocab_size(), Random(42));
  const auto loss = [&](MatrixTape& tape, Batch batch) { return mlp_loss(mlp, tape, batch); };
  train_batches(examples, mlp_plan, tape_step(mlp.parameters(), loss, sgd), "");
  CHECK(mlp_nll(mlp, examples) <= 2.115);
}
