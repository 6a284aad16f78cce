// The tests of stage 3 that the grader alone has.

#include <Eigen/Core>

#include "02_neural_bigram/neural_bigram.hpp"
#include "classroom/03/graph.hpp"

namespace ladder::classroom {
namespace {

// A tangle of these operations, each of whose results stays between 0.1 and 10.
Graph tangle(Random& random, const std::vector<Kind>& kinds, int size) {
  Graph graph{some_leaves(random, 3), {}};
  while (size > 0) {
    const std::uint64_t count = graph.leaves.size() + graph.operations.size();
    const Operation next{
        kinds[random.below(kinds.size())],
        static_cast<int>(count - 1 - random.below(std::min<std::uint64_t>(count, 4))),
        static_cast<int>(random.below(count)), 0.3 + random.uniform()};
    graph.operations.push_back(next);
    const double value = values_of(graph).back();
    if (value > 0.1 && value < 10) {
      --size;
    } else {
      graph.operations.pop_back();
    }
  }
  return graph;
}

void tangles_of_given_ones(Check& check) {
  for (int round = 0; round < 5; ++round) {
    check_slopes(check,
                 tangle(check.random(), {plus, plus_constant, times_constant, exponential}, 8));
  }
}

void tangles_of_products(Check& check) {
  for (int round = 0; round < 5; ++round) {
    check_slopes(check, tangle(check.random(), {plus, times, divided}, 8));
  }
}

void many_tanhs(Check& check) {
  for (int round = 0; round < 20; ++round) {
    const double constant = 4 * check.random().uniform() - 2;
    check_slopes(
        check,
        {some_leaves(check.random(), 1),
         {{times_constant, 0, 0, constant}, {tanh_of, 1, 1}, {relu_of, 1, 1}, {plus, 2, 3}}});
  }
}

void against_stage_2(Check& check) {
  Matrix logits(9, 9), counts(9, 9);
  for (double& logit : logits.reshaped()) logit = 2 * check.random().normal();
  for (double& count : counts.reshaped()) count = static_cast<double>(check.random().below(5));
  counts(3, 4) += 1;
  Reader result = call("bigram", logits, counts);
  check.near(result.number(), cross_entropy(logits, counts), 1e-10, "the loss");
  check.near_matrix(result.matrix<Matrix>(), cross_entropy_gradient(logits, counts), 1e-9,
                    "the gradient");
}

void other_matrices(Check& check) {
  Matrix x(5, 3), w(2, 3), weights(5, 2);
  for (Matrix* m : {&x, &w, &weights}) {
    for (double& number : m->reshaped()) number = 0.1 + check.random().uniform();
  }
  const Matrix product = x * w.transpose();
  const Matrix flow = (product.array().exp() + 1) * weights.array();
  Reader result = call("matrices", x, w, weights, 2);
  check.near_matrix(result.matrix<Matrix>(), 2 * flow * w, 1e-10,
                    "after two backward(), x's gradient");
  check.near_matrix(result.matrix<Matrix>(), 2 * flow.transpose() * x, 1e-10,
                    "after two backward(), w's gradient");
}

}  // namespace

void add_hidden_tests(Tests& tests) {
  tests.core("backward", "the slopes of longer calculations", tangles_of_given_ones);
  tests.core("product", "the slopes of tangles of products and quotients", tangles_of_products);
  tests.core("tanh", "tanh and relu at other points", many_tanhs);
  tests.core("bigram", "loss and gradient are those of stage 2", against_stage_2);
  tests.core("matrices", "other shapes", other_matrices);
}

}  // namespace ladder::classroom
