#pragma once
/// \file
/// Calculations that stage 3's tests put on the student's tape, and their slopes by measuring.

#include <string>
#include <vector>

#include "classroom/kit/check.hpp"

namespace ladder::classroom {

/// What can be done to numbers; probes.cpp has the same order.
enum Kind {
  plus,
  minus,
  plus_constant,
  times_constant,
  exponential,
  logarithm,
  times,
  divided,
  tanh_of,
  relu_of
};

/// One operation on the numbers of these indices; one that takes a single number ignores `right`.
struct Operation {
  Kind kind;
  int left, right;
  double constant = 0;
};

/// Numbers: the leaves first, then one for each operation.
struct Graph {
  std::vector<double> leaves;
  std::vector<Operation> operations;
};

/// The value of each number: what the operations mean, without a tape.
inline std::vector<double> values_of(const Graph& graph) {
  std::vector<double> values = graph.leaves;
  for (const Operation& o : graph.operations) {
    const double a = values[static_cast<std::size_t>(o.left)];
    const double b = values[static_cast<std::size_t>(o.right)];
    const double all[] = {a + b,       a - b, a + o.constant, a * o.constant, std::exp(a),
                          std::log(a), a * b, a / b,          std::tanh(a),   a > 0 ? a : 0};
    values.push_back(all[o.kind]);
  }
  return values;
}

/// d(number `root`)/d(leaf), by central differences.
inline double slope_of(Graph graph, std::size_t root, std::size_t leaf) {
  const double at = graph.leaves[leaf], h = 1e-5;
  graph.leaves[leaf] = at + h;
  const double above = values_of(graph)[root];
  graph.leaves[leaf] = at - h;
  return (above - values_of(graph)[root]) / (2 * h);
}

/// What the student's tape makes of it.
struct OnTape {
  std::vector<double> values, gradients;
};

/// Puts the graph on the student's tape and goes backward from each of the roots.
inline OnTape on_tape(const Graph& graph, const std::vector<int>& roots) {
  Writer numbers;
  numbers.put(graph.leaves);
  numbers.put(graph.operations.size());
  for (const Operation& o : graph.operations) {
    numbers.put(static_cast<int>(o.kind));
    numbers.put(o.left);
    numbers.put(o.right);
    numbers.put(o.constant);
  }
  numbers.put(roots);
  Reader result(call_numbers("graph", numbers.numbers()));
  OnTape answer{result.numbers(), result.numbers()};
  const std::size_t count = graph.leaves.size() + graph.operations.size();
  if (answer.values.size() != count || answer.gradients.size() != count) {
    throw NoAnswer("the tape did not give a value and a gradient for each number");
  }
  return answer;
}

/// Values and slopes of a graph whose last number is the root.
inline void check_slopes(Check& check, const Graph& graph) {
  const std::size_t root = graph.leaves.size() + graph.operations.size() - 1;
  const OnTape tape = on_tape(graph, {static_cast<int>(root)});
  check.near(tape.values[root], values_of(graph)[root], 1e-12, "the value");
  for (std::size_t i = 0; i < graph.leaves.size(); ++i) {
    check.near(tape.gradients[i], slope_of(graph, root, i), 1e-6,
               "the gradient of leaf " + std::to_string(i) + " (counted from 0)");
  }
}

/// Leaves between 0.5 and 1.5.
inline std::vector<double> some_leaves(Random& random, int count) {
  std::vector<double> leaves;
  for (int i = 0; i < count; ++i) leaves.push_back(0.5 + random.uniform());
  return leaves;
}

}  // namespace ladder::classroom
