#include <cmath>
#include <functional>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "03_autograd/check_gradient.hpp"
#include "03_autograd/matrix_ops.hpp"
#include "common/random.hpp"

using namespace ladder;
using Catch::Matchers::WithinAbs;

namespace {

Eigen::Index size_between(Random& random, int least, int most) {
  return least +
         static_cast<Eigen::Index>(random.below(static_cast<std::uint64_t>(most - least + 1)));
}

}  // namespace

TEST_CASE("each matrix operation's gradient equals its central difference, on random shapes") {
  Random random(3);
  for (int round = 0; round < 15; ++round) {
    const auto n = size_between(random, 1, 9), m = size_between(random, 1, 9);
    const auto out = size_between(random, 1, 9);
    Parameter x = random_parameter(random, n, m), same = random_parameter(random, n, m);
    Parameter w = random_parameter(random, out, m), column = random_parameter(random, n, 1);
    std::vector<int> targets;
    for (Eigen::Index i = 0; i < n; ++i) {
      targets.push_back(static_cast<int>(random.below(static_cast<std::uint64_t>(m))));
    }
    const auto check = [&](std::vector<Parameter*> parameters, const auto& make) {
      CHECK(largest_gradient_error(parameters, make) < 1e-7);
    };
    check({&x}, [&](MatrixTape& t) { return exp(t.leaf(x)); });
    check({&x}, [&](MatrixTape& t) { return log(exp(exp(t.leaf(x)))); });
    check({&x}, [&](MatrixTape& t) { return row_sums(t.leaf(x)); });
    check({&x, &column}, [&](MatrixTape& t) { return subtract_column(t.leaf(x), t.leaf(column)); });
    check({&x, &w}, [&](MatrixTape& t) { return linear(t.leaf(x), t.leaf(w)); });
    check({&x, &same}, [&](MatrixTape& t) { return add(t.leaf(x), t.leaf(same)); });
    check({&x}, [&](MatrixTape& t) { return cross_entropy(t.leaf(x), targets); });
    check({&x}, [&](MatrixTape& t) { return weighted_sum(t.leaf(x), same.value); });
  }
}

TEST_CASE("cross_entropy is the composition it replaces, and does not overflow") {
  Random random(4);
  Parameter x = random_parameter(random, 3, 5);
  const std::vector<int> targets = {4, 0, 2};
  MatrixTape tape;
  const Var logits = tape.leaf(x);
  const Var log_probabilities = subtract_column(logits, log(row_sums(exp(logits))));
  Matrix weights = Matrix::Zero(3, 5);
  for (int i = 0; i < 3; ++i) weights(i, targets[i]) = -1.0 / 3;
  CHECK_THAT(cross_entropy(logits, targets).scalar(),
             WithinAbs(weighted_sum(log_probabilities, weights).scalar(), 1e-12));

  x.value *= 1e4;
  CHECK(std::isfinite(cross_entropy(tape.leaf(x), targets).scalar()));
}

TEST_CASE("a matrix used twice receives both gradients") {
  MatrixTape tape;
  Parameter a("a", 2, 2);
  a.value << 1, 2, 3, 4;
  const Var x = tape.leaf(a);
  const Var b = add(x, x), c = add(b, b);
  tape.backward(weighted_sum(c, Matrix::Ones(2, 2)));
  CHECK(a.grad == Matrix::Constant(2, 2, 4));
  CHECK(Matrix(b.grad()) == Matrix::Constant(2, 2, 2));
}

TEST_CASE("a second backward adds to parameters and starts afresh between") {
  MatrixTape tape;
  Parameter a("a", 1, 3);
  a.value << 1, 2, 3;
  const Var x = tape.leaf(a), doubled = add(x, x);
  const Var loss = weighted_sum(doubled, Matrix::Ones(1, 3));
  tape.backward(loss);
  tape.backward(loss);
  CHECK(Matrix(doubled.grad()) == Matrix::Ones(1, 3));
  CHECK(a.grad == Matrix::Constant(1, 3, 4));
}

TEST_CASE("matrices the result does not depend on touch no gradient, not even 0 times infinity") {
  MatrixTape tape;
  Parameter a("a", 1, 2);
  const Var x = tape.leaf(a), unused = log(x);  // of zeros
  const Var loss = weighted_sum(add(x, x), Matrix::Ones(1, 2));
  tape.backward(loss);
  CHECK(a.grad == Matrix::Constant(1, 2, 2));
  CHECK(Matrix(unused.grad()).isZero(0));
  tape.backward(weighted_sum(unused, Matrix::Ones(1, 2)));
  CHECK(a.grad(0, 0) == HUGE_VAL);
  a.grad.setZero();
  tape.backward(weighted_sum(add(x, x), Matrix::Ones(1, 2)));
  CHECK(a.grad == Matrix::Constant(1, 2, 2));
  CHECK(Matrix(unused.grad()).isZero(0));
}

TEST_CASE("a parameter may itself be the root, and is added to") {
  MatrixTape tape;
  Parameter a("a", 1, 1);
  const Var x = tape.leaf(a);
  tape.backward(x);
  tape.backward(x);
  CHECK(a.grad(0, 0) == 2);
}

TEST_CASE("a gradient check sees a NaN, in the gradient as in the slope") {
  Parameter x("x", 1, 2), ones("ones", 1, 2);
  ones.value.setOnes();
  const auto nan_backward = [](Var x) {  // the identity, with a wrong backward pass
    Var y = x.tape()->push(x.rows(), x.cols(), {x}, [](Var y) {
      y.input(0).grad()(0, 0) += std::nan("");
      y.input(0).grad()(0, 1) += y.grad()(0, 1);
    });
    y.data() = x.data();
    return y;
  };
  CHECK(std::isnan(
      largest_gradient_error({&x, &ones}, [&](MatrixTape& t) { return nan_backward(t.leaf(x)); })));
  CHECK(std::isnan(largest_gradient_error(
      {&ones, &x}, [&](MatrixTape& t) { return add(t.leaf(ones), log(t.leaf(x))); })));
}

TEST_CASE("a chain of 100,000 matrices needs no recursion") {
  MatrixTape tape;
  Parameter a("a", 1, 1);
  Parameter one("one", 1, 1);
  one.value(0, 0) = 1;
  const Var step = tape.leaf(one);
  Var x = tape.leaf(a);
  for (int i = 0; i < 100'000; ++i) x = add(x, step);
  tape.backward(x);
  CHECK(x.scalar() == 100'000);
  CHECK(a.grad(0, 0) == 1);
  CHECK(one.grad(0, 0) == 100'000);
}

TEST_CASE("reset gives the same memory out again") {
  MatrixTape tape;
  const Matrix big = Matrix::Constant(300, 300, 2);  // larger than the first chunk
  const double* first = nullptr;
  for (int round = 0; round < 3; ++round) {
    const Var x = tape.constant(Matrix::Ones(3, 3));
    const Var y = tape.constant(big);
    CHECK(x.data().sum() == 9);
    CHECK(y.data().sum() == 2 * 300 * 300);
    if (round == 0) first = x.data().data();
    CHECK(x.data().data() == first);
    tape.reset();
  }
}
