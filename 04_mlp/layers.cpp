#include "04_mlp/layers.hpp"

namespace ladder {

Var embedding(Var table, std::span<const int> tokens, Eigen::Index per_row) {
  MatrixTape& tape = *table.tape();
  const auto count = static_cast<Eigen::Index>(tokens.size());
  const Eigen::Index n_embd = table.cols();
  Var y = tape.push(
      count / per_row, per_row * n_embd, {table},
      [](Var y) {
        const Var table = y.input(0);
        const Eigen::Index n_embd = table.cols(), count = y.data().size() / n_embd;
        const int* tokens = y.saved<int>();
        const MatrixMap grads(y.grad().data(), count, n_embd);  // a row for each token
        for (Eigen::Index i = 0; i < count; ++i) table.grad().row(tokens[i]) += grads.row(i);
      },
      tape.save(tokens));
  MatrixMap rows(y.data().data(), count, n_embd);
  for (Eigen::Index i = 0; i < count; ++i) {
    rows.row(i) = table.data().row(tokens[static_cast<std::size_t>(i)]);
  }
  return y;
}

Var add_bias(Var x, Var bias) {
  Var y = x.tape()->push(x.rows(), x.cols(), {x, bias}, [](Var y) {
    y.input(0).grad() += y.grad();
    y.input(1).grad() += y.grad().colwise().sum();
  });
  y.data() = x.data().rowwise() + bias.data().row(0);
  return y;
}

Var tanh(Var x) {
  Var y = x.tape()->push(x.rows(), x.cols(), {x}, [](Var y) {
    y.input(0).grad().array() += y.grad().array() * (1 - y.data().array().square());
  });
  // (e^x - e^-x) / (e^x + e^-x), rewritten so that one vectorised exp does it
  y.data() = 1 - 2 / ((2 * x.data().array()).exp() + 1);
  return y;
}

}  // namespace ladder
