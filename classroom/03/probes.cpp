// What the tests of stage 3 may call.

#include "03_autograd/tape_bigram.hpp"
#include "classroom/kit/call.hpp"

namespace ladder::classroom {
namespace {

// An operation by its number in graph.hpp.
Value operate(long kind, Value a, Value b, double constant) {
  switch (kind) {
    case 0:
      return a + b;
    case 1:
      return a - b;
    case 2:
      return a + constant;
    case 3:
      return a * constant;
    case 4:
      return exp(a);
    case 5:
      return log(a);
    case 6:
      return a * b;
    case 7:
      return a / b;
    case 8:
      return tanh(a);
    default:
      return relu(a);
  }
}

// Leaves, operations (kind, left, right, constant), roots: the values, and the gradients of all
// numbers after backward() from each root in turn.
void run_graph(Reader& in, Writer& out) {
  ScalarTape tape;
  std::vector<Value> values;
  for (const double leaf : in.numbers()) values.push_back(tape.leaf(leaf));
  for (long left = in.integer(); left > 0; --left) {
    const long kind = in.integer();
    const Value a = values.at(static_cast<std::size_t>(in.integer(0)));
    const Value b = values.at(static_cast<std::size_t>(in.integer(0)));
    values.push_back(operate(kind, a, b, in.number()));
  }
  for (const int root : in.integers()) tape.backward(values.at(static_cast<std::size_t>(root)));
  std::vector<double> data, gradients;
  for (const Value value : values) {
    data.push_back(value.data());
    gradients.push_back(value.grad());
  }
  out.put(data);
  out.put(gradients);
}

// Σ weights ∘ exp(x wᵀ) by a matrix tape, backward so many times: the gradients of x and w.
void run_matrices(Reader& in, Writer& out) {
  const Matrix x = in.matrix<Matrix>(), w = in.matrix<Matrix>(), weights = in.matrix<Matrix>();
  const long times = in.integer(0, 10);
  Parameter px("x", x.rows(), x.cols()), pw("w", w.rows(), w.cols());
  px.value = x;
  pw.value = w;
  px.grad.setZero();
  pw.grad.setZero();
  MatrixTape tape;
  const Var vx = tape.leaf(px);
  const Var product = linear(vx, tape.leaf(pw));
  const Var dead_end = log(row_sums(product));
  const Var loss = weighted_sum(add(exp(product), product), weights);
  for (long i = 0; i < times; ++i) tape.backward(loss);
  (void)dead_end;
  out.put(px.grad);
  out.put(pw.grad);
}

}  // namespace

void add_probes(Probes& probes) {
  probes.add("graph", run_graph);
  probes.add("matrices", run_matrices);
  probes.add("bigram", [](Reader& in, Writer& out) {
    const Matrix logits = in.matrix<Matrix>();
    ScalarTape tape;
    const LossAndGradient result = bigram_loss_scalar(tape, logits, in.matrix<Matrix>());
    out.put(result.loss);
    out.put(result.gradient);
  });
}

}  // namespace ladder::classroom
