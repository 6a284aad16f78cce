#include "03_autograd/matrix_ops.hpp"

namespace ladder {

Var exp(Var x) {
  Var y = x.tape()->push(x.rows(), x.cols(), {x}, [](Var y) {
    y.input(0).grad().array() += y.grad().array() * y.data().array();
  });
  y.data() = x.data().array().exp();
  return y;
}

Var log(Var x) {
  Var y = x.tape()->push(x.rows(), x.cols(), {x}, [](Var y) {
    const Var x = y.input(0);
    x.grad().array() += y.grad().array() / x.data().array();
  });
  y.data() = x.data().array().log();
  return y;
}

Var row_sums(Var x) {
  Var y = x.tape()->push(x.rows(), 1, {x},
                         [](Var y) { y.input(0).grad().colwise() += y.grad().col(0); });
  y.data() = x.data().rowwise().sum();
  return y;
}

Var subtract_column(Var x, Var column) {
  Var y = x.tape()->push(x.rows(), x.cols(), {x, column}, [](Var y) {
    y.input(0).grad() += y.grad();
    y.input(1).grad() -= y.grad().rowwise().sum();
  });
  y.data() = x.data().colwise() - column.data().col(0);
  return y;
}

Var weighted_sum(Var x, const Eigen::Ref<const Matrix>& weights) {
  const Var w = x.tape()->constant(weights);
  Var y = x.tape()->push(1, 1, {x, w},
                         [](Var y) { y.input(0).grad() += y.grad()(0, 0) * y.input(1).data(); });
  y.data()(0, 0) = x.data().cwiseProduct(weights).sum();
  return y;
}

Var linear(Var x, Var w) {
  Var y = x.tape()->push(x.rows(), w.rows(), {x, w}, [](Var y) {
    const Var x = y.input(0), w = y.input(1);
    x.grad().noalias() += y.grad() * w.data();
    w.grad().noalias() += y.grad().transpose() * x.data();
  });
  y.data().noalias() = x.data() * w.data().transpose();
  return y;
}

Var add(Var a, Var b) {
  Var y = a.tape()->push(a.rows(), a.cols(), {a, b}, [](Var y) {
    y.input(0).grad() += y.grad();
    y.input(1).grad() += y.grad();
  });
  y.data() = a.data() + b.data();
  return y;
}

namespace {

struct CrossEntropySaved {
  const int* targets;
  double* probabilities;  // softmax(logits), (n, vocab_size)
};

}  // namespace

Var cross_entropy(Var logits, std::span<const int> targets) {
  MatrixTape& tape = *logits.tape();
  const Eigen::Index n = logits.rows();

  // softmax, over the whole matrix at once so that exp runs on long vectors
  double* memory = tape.allocate(static_cast<std::size_t>(logits.data().size()));
  MatrixMap probabilities(memory, n, logits.cols());
  const Eigen::VectorXd largest = logits.data().rowwise().maxCoeff();  // (n)
  probabilities = logits.data().colwise() - largest;
  probabilities.array() = probabilities.array().exp();
  const Eigen::VectorXd totals = probabilities.rowwise().sum();  // (n)
  probabilities.array().colwise() /= totals.array();

  const CrossEntropySaved saved{tape.save(targets), memory};
  Var loss = tape.push(
      1, 1, {logits},
      [](Var loss) {
        const Var logits = loss.input(0);
        const auto& saved = *loss.saved<CrossEntropySaved>();
        const MatrixMap probabilities(saved.probabilities, logits.rows(), logits.cols());
        const double scale = loss.grad()(0, 0) / static_cast<double>(logits.rows());
        logits.grad() += scale * probabilities;
        for (Eigen::Index i = 0; i < logits.rows(); ++i) {
          logits.grad()(i, saved.targets[i]) -= scale;
        }
      },
      tape.save(std::span(&saved, 1)));
  double nats = (largest.array() + totals.array().log()).sum();
  for (Eigen::Index i = 0; i < n; ++i) {
    nats -= logits.data()(i, targets[static_cast<std::size_t>(i)]);
  }
  loss.data()(0, 0) = nats / static_cast<double>(n);
  return loss;
}

}  // namespace ladder
