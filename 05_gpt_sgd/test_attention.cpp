#include <cmath>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "03_autograd/check_gradient.hpp"
#include "05_gpt_sgd/attention.hpp"

using namespace ladder;
using Catch::Matchers::WithinAbs;

namespace {

// Names of random lengths, packed: where each starts, and the total.
std::vector<int> random_starts(Random& random) {
  std::vector<int> starts = {0};
  const auto names = 1 + random.below(4);
  for (std::uint64_t i = 0; i < names; ++i) {
    starts.push_back(starts.back() + 1 + static_cast<int>(random.below(6)));
  }
  return starts;
}

}  // namespace

TEST_CASE("relu, rmsnorm, gains: gradients by central differences") {
  Random random(2);
  for (int round = 0; round < 15; ++round) {
    const auto n = static_cast<Eigen::Index>(1 + random.below(6));
    const auto m = static_cast<Eigen::Index>(1 + random.below(20));
    Parameter x = random_parameter(random, n, m), gain = random_parameter(random, 1, m);
    // a kink has no slope, so relu is asked away from it
    Parameter kinked = x;
    for (double& number : kinked.value.reshaped()) number += number > 0 ? 0.1 : -0.1;
    CHECK(largest_gradient_error({&kinked}, [&](MatrixTape& t) { return relu(t.leaf(kinked)); }) <
          1e-7);
    CHECK(largest_gradient_error({&x}, [&](MatrixTape& t) { return rmsnorm(t.leaf(x)); }) < 1e-6);
    CHECK(largest_gradient_error({&x, &gain}, [&](MatrixTape& t) {
            return scale_columns(t.leaf(x), t.leaf(gain));
          }) < 1e-7);
  }
}

TEST_CASE("attention: gradient by central differences, random heads, widths and lengths") {
  Random random(5);
  for (const int head_dim : {1, 3, 4, 7, 16}) {
    for (const int n_head : {1, 2, 4}) {
      const std::vector<int> starts = random_starts(random);
      const auto width = static_cast<Eigen::Index>(head_dim * n_head);
      Parameter q = random_parameter(random, starts.back(), width);
      Parameter k = random_parameter(random, starts.back(), width);
      Parameter v = random_parameter(random, starts.back(), width);
      CHECK(largest_gradient_error({&q, &k, &v}, [&](MatrixTape& t) {
              return attention(t.leaf(q), t.leaf(k), t.leaf(v), starts, n_head);
            }) < 1e-7);
    }
  }
}

TEST_CASE("attention equals its formula, written out for one name") {
  Random random(6);
  constexpr int T = 5, n_head = 2, head_dim = 4;
  const Matrix q = random_parameter(random, T, 8).value, k = random_parameter(random, T, 8).value;
  const Matrix v = random_parameter(random, T, 8).value;
  MatrixTape tape;
  const std::vector<int> starts = {0, T};
  const Var y = attention(tape.constant(q), tape.constant(k), tape.constant(v), starts, n_head);
  for (int head = 0; head < n_head; ++head) {
    const auto part = [&](const Matrix& m) { return m.middleCols(head * head_dim, head_dim); };
    const Matrix scores = part(q) * part(k).transpose() / std::sqrt(4.0);
    for (int t = 0; t < T; ++t) {
      Eigen::RowVectorXd weights = scores.row(t).head(t + 1).array().exp();
      weights /= weights.sum();
      const Eigen::RowVectorXd expected = weights * part(v).topRows(t + 1);
      CHECK((y.data().row(t).segment(head * head_dim, head_dim) - expected).norm() < 1e-12);
      CHECK((attention_weights(y, 0, head).row(t).head(t + 1) - weights).norm() < 1e-12);
      CHECK(attention_weights(y, 0, head).row(t).tail(T - t - 1).isZero(1e-300));  // ahead
    }
  }
}

TEST_CASE("no position sees a later one, nor another name") {
  Random random(7);
  const std::vector<int> starts = {0, 3, 7};
  Matrix q = random_parameter(random, 7, 4).value, k = random_parameter(random, 7, 4).value;
  Matrix v = random_parameter(random, 7, 4).value;
  MatrixTape tape;
  const auto run = [&] {
    tape.reset();
    return Matrix(
        attention(tape.constant(q), tape.constant(k), tape.constant(v), starts, 1).data());
  };
  const Matrix before = run();
  k.row(5).setConstant(9);  // the third position of the second name
  v.row(5).setConstant(-9);
  const Matrix after = run();
  CHECK(after.topRows(5) == before.topRows(5));
  CHECK(after.row(5) != before.row(5));
  CHECK(after.row(6) != before.row(6));
}

TEST_CASE("attention does not overflow on scores of a thousand") {
  MatrixTape tape;
  const Var x = tape.constant(Matrix::Constant(3, 4, 50));
  const std::vector<int> starts = {0, 3};
  CHECK_THAT(attention(x, x, x, starts, 1).data()(2, 0), WithinAbs(50, 1e-9));
}

TEST_CASE("rmsnorm gives every row the length sqrt(n), but not a row of zeros") {
  MatrixTape tape;
  Matrix x(2, 4);
  x << 3, 4, -12, 0.5, 0, 0, 0, 0;
  const Var y = rmsnorm(tape.constant(x));
  CHECK_THAT(y.data().row(0).norm(), WithinAbs(2, 1e-5));
  CHECK(y.data().row(1).isZero());
}
