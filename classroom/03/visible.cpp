// The tests of stage 3 that the student has.

#include <Eigen/Core>

#include "02_neural_bigram/neural_bigram.hpp"
#include "classroom/03/graph.hpp"

namespace ladder::classroom {
namespace {

void sums_and_exponentials(Check& check) {
  check_slopes(
      check,
      {some_leaves(check.random(), 2),
       {{exponential, 0, 0}, {minus, 2, 1}, {times_constant, 3, 3, 1.5}, {logarithm, 4, 4}}});
}

void used_twice(Check& check) {
  check_slopes(check, {some_leaves(check.random(), 1),
                       {{plus, 0, 0}, {plus, 1, 0}, {exponential, 1, 1}, {plus, 2, 3}}});
}

void leaves_add_up(Check& check) {
  const Graph graph{some_leaves(check.random(), 1),
                    {{exponential, 0, 0}, {times_constant, 1, 1, 2}}};
  const double once = on_tape(graph, {2}).gradients[0];
  check.that(once != 0, "the gradient of the leaf is zero");
  const OnTape twice = on_tape(graph, {2, 2});
  check.near(twice.gradients[0], 2 * once, 1e-12, "after two backward(), the leaf's gradient");
  check.near(twice.gradients[2], 1, 1e-12, "after two backward(), the root's own gradient");
}

void no_zero_times_infinity(Check& check) {
  const Graph graph{{0, check.random().uniform()}, {{logarithm, 0, 0}, {plus, 0, 1}}};
  check.near(on_tape(graph, {3}).gradients[0], 1, 1e-12,
             "the gradient of a leaf whose logarithm (at 0) the root was not made from");
}

void products(Check& check) {
  check_slopes(check, {some_leaves(check.random(), 2), {{times, 0, 1}}});
  check_slopes(check, {some_leaves(check.random(), 2), {{times, 0, 0}, {times, 2, 1}}});
}

void quotients(Check& check) {
  check_slopes(check, {some_leaves(check.random(), 2), {{divided, 0, 1}}});
  check_slopes(check, {some_leaves(check.random(), 2), {{divided, 1, 0}, {divided, 0, 2}}});
}

void tanhs(Check& check) {
  check_slopes(check, {some_leaves(check.random(), 1), {{tanh_of, 0, 0}}});
  check_slopes(check,
               {some_leaves(check.random(), 1), {{times_constant, 0, 0, -2}, {tanh_of, 1, 1}}});
}

void relus(Check& check) {
  check_slopes(check, {some_leaves(check.random(), 1), {{relu_of, 0, 0}}});
  check_slopes(check,
               {some_leaves(check.random(), 1), {{times_constant, 0, 0, -1}, {relu_of, 1, 1}}});
}

void losses(Check& check) {
  const int size = 3 + static_cast<int>(check.random().below(4));
  Matrix counts(size, size);
  for (double& count : counts.reshaped()) count = static_cast<double>(check.random().below(9));
  counts(0, 0) += 1;
  const Matrix equal = Matrix::Constant(size, size, check.random().normal());
  check.near(call("bigram", equal, counts).number(), std::log(size), 1e-9,
             "the loss where all logits are equal");
  Matrix logits(size, size);
  for (double& logit : logits.reshaped()) logit = check.random().normal();
  Reader result = call("bigram", logits, counts);
  const double loss = result.number();
  check.that(loss > 0, "the loss is not above zero");
  const Matrix gradient = result.matrix<Matrix>();
  for (long i = 0; i < gradient.rows(); ++i) {
    check.near(gradient.row(i).sum(), 0, 1e-9, "the sum of a row of the gradient");
  }
}

void matrices(Check& check) {
  Matrix x(3, 2), w(4, 2), weights(3, 4);
  for (Matrix* m : {&x, &w, &weights}) {
    for (double& number : m->reshaped()) number = 0.2 + check.random().uniform();
  }
  const auto loss = [&] {
    const Matrix product = x * w.transpose();
    return ((product.array().exp() + product.array()) * weights.array()).sum();
  };
  for (const int times : {1, 3}) {
    Reader result = call("matrices", x, w, weights, times);
    const Matrix gradient = result.matrix<Matrix>();
    check.that(gradient.rows() == 3 && gradient.cols() == 2, "the gradient has another shape");
    const double at = x(1, 1), h = 1e-5;
    x(1, 1) = at + h;
    const double above = loss();
    x(1, 1) = at - h;
    const double slope = (above - loss()) / (2 * h);
    x(1, 1) = at;
    check.near(gradient(1, 1), times * slope, 1e-6,
               "after " + std::to_string(times) + " backward(), a leaf's gradient");
  }
}

}  // namespace

void add_visible_tests(Tests& tests) {
  tests.core("backward", "gradients are the slopes that two nearby values show",
             sums_and_exponentials);
  tests.core("backward", "a number used twice receives both gradients, complete", used_twice);
  tests.edge(5, "backward", "a second backward adds to leaves, and to nothing else", leaves_add_up);
  tests.edge(5, "backward", "what the root was not made from passes nothing on",
             no_zero_times_infinity);
  tests.core("product", "products and their slopes", products);
  tests.core("product", "quotients and their slopes", quotients);
  tests.core("tanh", "tanh and its slope", tanhs);
  tests.core("tanh", "relu and its slope, on both sides of zero", relus);
  tests.core("bigram", "the loss of equal logits, and rows of the gradient sum to zero", losses);
  tests.core("matrices", "the slopes of matrices, and leaves add up", matrices);
}

}  // namespace ladder::classroom
