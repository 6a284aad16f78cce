#include <cmath>
#include <functional>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "03_autograd/scalar_microgpt.hpp"
#include "03_autograd/tape_bigram.hpp"
#include "common/corpus.hpp"
#include "common/largest.hpp"
#include "common/random.hpp"

using namespace ladder;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

using Function = std::function<Value(Value, Value)>;

double evaluate(const Function& function, double a, double b) {
  ScalarTape tape;
  return function(tape.leaf(a), tape.leaf(b)).data();
}

// The tape's gradient against central differences, at random points above zero.
void check_gradient(const Function& function) {
  Random random(7);
  for (int round = 0; round < 50; ++round) {
    const double a = 0.1 + 2 * random.uniform(), b = 0.1 + 2 * random.uniform(), h = 1e-6;
    ScalarTape tape;
    const Value x = tape.leaf(a), y = tape.leaf(b);
    tape.backward(function(x, y));
    const double by_a = (evaluate(function, a + h, b) - evaluate(function, a - h, b)) / (2 * h);
    const double by_b = (evaluate(function, a, b + h) - evaluate(function, a, b - h)) / (2 * h);
    CHECK_THAT(x.grad(), WithinAbs(by_a, 1e-6 * (1 + std::abs(by_a))));
    CHECK_THAT(y.grad(), WithinAbs(by_b, 1e-6 * (1 + std::abs(by_b))));
  }
}

}  // namespace

TEST_CASE("each operator's derivative equals its central difference") {
  check_gradient([](Value a, Value b) { return a + b; });
  check_gradient([](Value a, Value b) { return a - b; });
  check_gradient([](Value a, Value b) { return a * b; });
  check_gradient([](Value a, Value b) { return a / b; });
  check_gradient([](Value a, Value b) { return -a + b * 3.0; });
  check_gradient([](Value a, Value b) { return exp(a) + (b + 2.0); });
  check_gradient([](Value a, Value b) { return log(a) * log(b); });
  check_gradient([](Value a, Value b) { return tanh(a) * b; });
  check_gradient([](Value a, Value b) { return pow(a, -0.5) * pow(b, 3); });
  check_gradient([](Value a, Value b) { return relu(a * -1.0) + relu(b) * a; });
}

TEST_CASE("a value used twice receives both gradients") {
  ScalarTape tape;
  const Value a = tape.leaf(3);
  const Value b = a + a;
  const Value c = b + b;
  tape.backward(c);
  CHECK(c.data() == 12);
  CHECK(b.grad() == 2);
  CHECK(a.grad() == 4);

  const Value square = a * a;
  tape.zero_grad();
  tape.backward(square);
  CHECK(a.grad() == 6);
}

TEST_CASE("a second backward adds to leaves and starts afresh between") {
  ScalarTape tape;
  const Value a = tape.leaf(3), b = a * 2.0, c = b * b;  // c = 4 a²
  tape.backward(c);
  CHECK(a.grad() == 24);
  tape.backward(c);
  CHECK(b.grad() == 12);
  CHECK(a.grad() == 48);
  const Value late = tape.leaf(5);  // a leaf that came after the first backward
  tape.backward(late * c);
  CHECK(late.grad() == 36);
  CHECK(a.grad() == 48 + 5 * 24);
  tape.zero_grad();
  tape.backward(c);
  CHECK(a.grad() == 24);
}

TEST_CASE("backward from the middle ignores what came later") {
  ScalarTape tape;
  const Value a = tape.leaf(2), b = a * 3.0, c = b * b;
  tape.backward(b);
  CHECK(a.grad() == 3);
  CHECK(c.grad() == 0);
}

TEST_CASE("what the result does not depend on touches no gradient, not even 0 times infinity") {
  ScalarTape tape;
  const Value x = tape.leaf(0), unused = log(x), z = x * x + x;
  tape.backward(z);
  CHECK(x.grad() == 1);
  CHECK(unused.grad() == 0);
  // A second root, made from the first one's dead end, and back again: marks are of one backward.
  const Value y = tape.leaf(3), other = unused * 2.0;
  tape.backward(other);
  CHECK(other.grad() == 1);
  CHECK(unused.grad() == 2);
  tape.zero_grad();
  tape.backward(z + y);
  CHECK(x.grad() == 1);
  CHECK(y.grad() == 1);
  CHECK(unused.grad() == 0);
}

TEST_CASE("a gradient that is NaN stays one: 0 times infinity on the way to the result") {
  ScalarTape tape;
  const Value x = tape.leaf(0), z = pow(x, 0.5) * 0.0;
  tape.backward(z);
  CHECK(z.data() == 0);
  CHECK(std::isnan(x.grad()));
}

TEST_CASE("a chain of 100,000 nodes needs no recursion") {
  ScalarTape tape;
  const Value a = tape.leaf(1);
  Value x = a;
  for (int i = 0; i < 100'000; ++i) x = x + 1e-3;
  tape.backward(x * x);
  CHECK_THAT(x.data(), WithinRel(101.0, 1e-9));
  CHECK_THAT(a.grad(), WithinRel(202.0, 1e-9));
}

TEST_CASE("rewind keeps the parameters and forgets the rest") {
  ScalarTape tape;
  const Value a = tape.leaf(2);
  const std::size_t parameters = tape.size();
  for (int step = 0; step < 3; ++step) {
    tape.backward(a * a * a);
    CHECK(a.grad() == 12);
    tape.zero_grad();
    tape.rewind(parameters);
    CHECK(tape.size() == parameters);
  }
}

TEST_CASE("the bigram's gradient equals the one derived by hand, to 1e-9, on random tables") {
  Random random(5);
  ScalarTape scalar_tape;
  MatrixTape matrix_tape;
  for (int round = 0; round < 20; ++round) {
    const auto vocab_size = static_cast<Eigen::Index>(2 + random.below(30));
    Matrix counts(vocab_size, vocab_size), logits(vocab_size, vocab_size);
    for (double& count : counts.reshaped()) count = static_cast<double>(random.below(4));
    for (double& logit : logits.reshaped()) logit = 3 * random.normal();
    counts(0, 0) = 1;
    const Matrix by_hand = cross_entropy_gradient(logits, counts);
    for (const auto& [loss, gradient] : {bigram_loss_scalar(scalar_tape, logits, counts),
                                         bigram_loss_matrix(matrix_tape, logits, counts)}) {
      CHECK_THAT(loss, WithinAbs(cross_entropy(logits, counts), 1e-12));
      CHECK(largest_difference(gradient, by_hand) < 1e-9);
    }
  }
}

TEST_CASE("training on either tape ends where training by hand ends", "[nll]") {
  const Corpus corpus = builtin_corpus();
  const Tokenizer tokenizer(corpus.rows);
  const Matrix counts = count_pairs(tokenizer.encode_all(corpus.rows), tokenizer.vocab_size());
  constexpr long steps = 5000;
  const double by_hand = train(counts, {}, steps, objective_by_hand(counts)).loss;
  ScalarTape scalar_tape;
  MatrixTape matrix_tape;
  const auto scalars = [&](const Matrix& m) { return bigram_loss_scalar(scalar_tape, m, counts); };
  const auto matrices = [&](const Matrix& m) { return bigram_loss_matrix(matrix_tape, m, counts); };
  CHECK_THAT(train(counts, {}, steps, scalars).loss, WithinAbs(by_hand, 1e-9));
  CHECK_THAT(train(counts, {}, steps, matrices).loss, WithinAbs(by_hand, 1e-9));
}

TEST_CASE("microGPT on the scalar tape: a name starts afresh, whatever name came before") {
  const std::vector<int> name = {0, 3, 1, 3}, other = {2, 2};
  const auto loss_after = [&](const std::vector<std::vector<int>>& before) {
    ScalarTape tape;
    Random random(11);
    ScalarMicroGpt model(tape, 5, [&] { return 0.3 * random.normal(); });
    for (const std::vector<int>& earlier : before) model.loss(earlier, 4);
    return model.loss(name, 4).data();
  };
  CHECK(loss_after({other}) == loss_after({}));
  CHECK(loss_after({other, name, other}) == loss_after({}));
}

TEST_CASE("microGPT on the scalar tape: gradient by central differences") {
  ScalarTape tape;
  Random random(11);
  ScalarMicroGpt model(tape, 5, [&] { return 0.3 * random.normal(); });
  const std::vector<int> name = {0, 3, 1, 3};
  const std::size_t parameters = model.parameter_count();
  const auto loss_at = [&] {
    const double loss = model.loss(name, 4).data();
    tape.rewind(parameters);
    return loss;
  };
  tape.backward(model.loss(name, 4));
  std::vector<double> gradient;
  for (std::uint32_t i = 0; i < parameters; ++i) gradient.push_back(Value(&tape, i).grad());
  tape.rewind(parameters);
  double largest = 0;
  for (std::uint32_t i = 0; i < parameters; i += 7) {  // every seventh of them
    const Value p(&tape, i);
    const double at = p.data(), h = 1e-5;
    p.set_data(at + h);
    const double above = loss_at();
    p.set_data(at - h);
    const double below = loss_at();
    p.set_data(at);
    largest = larger_or_nan(largest, std::abs(gradient[i] - (above - below) / (2 * h)));
  }
  CHECK(largest < 1e-8);
}
