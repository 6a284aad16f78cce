#include "08_hardware/wasm/inside/inside.hpp"

#include <cmath>
#include <limits>

#include "02_neural_bigram/neural_bigram.hpp"

namespace ladder {

Inside::Inside() : gpt_({.vocab_size = 27, .n_head = 4, .gains = false}, [] { return 0.0; }) {}

void Inside::look(const Tokens& name) {
  // 1. Forwards and backwards, as in a step of training.
  tape_.reset();
  const Tokens* const batch[] = {&name};
  const PackedNames packed = pack_names(batch, gpt_.bos());
  const Gpt::Forward forward = gpt_.forward(tape_, packed);
  const Var loss = cross_entropy(forward.logits, packed.targets);
  for (Parameter* parameter : gpt_.parameters()) parameter->grad.setZero();
  tape_.backward(loss);
  loss_ = loss.scalar();

  // 2. What lies on the tape: each matrix is an input of one that was made later (Gpt::forward).
  const Var attended = forward.attended;
  const Var q = attended.input(0), k = attended.input(1), v = attended.input(2);
  const Var norm1 = q.input(0), x0 = norm1.input(0), sum = x0.input(0);
  const Var x2 = forward.logits.input(0), mlp_out = x2.input(0), x1 = x2.input(1);
  const Var hidden = mlp_out.input(0), fc1 = hidden.input(0), norm2 = fc1.input(0);

  // 3. In the order in which it was made.
  looks_.clear();
  add("token", sum.input(0));
  add("position", sum.input(1));
  add("sum", sum);
  add("x0", x0);
  add("norm1", norm1);
  add("q", q);
  add("k", k);
  add("v", v);
  add_heads(attended);
  add("attended", attended);
  add("attn_out", x1.input(0));
  add("x1", x1);
  add("norm2", norm2);
  add("fc1", fc1);
  add("hidden", hidden);
  add("mlp_out", mlp_out);
  add("x2", x2);
  add("logits", forward.logits);
  add_probabilities(forward.logits.data(), packed.targets);
}

void Inside::add(const std::string& name, Var var) {
  looks_.push_back({name, var.data(), var.grad()});
}

// Attention is one node of the tape, which keeps A; by the formulas beside attention()
// (05_gpt_sgd/attention.hpp) the rest of each head follows from the node's inputs and its gradient.
void Inside::add_heads(Var attended) {
  const int heads = gpt_.config().n_head;
  const Eigen::Index width = attended.cols() / heads, length = attended.rows();
  const double scale = 1 / std::sqrt(static_cast<double>(width));
  std::vector<Look> weights;
  for (int head = 0; head < heads; ++head) {
    const auto columns = [&](const MatrixMap& all) {
      return Matrix(all.middleCols(head * width, width));  // (T, head_dim)
    };
    Matrix scores = scale * columns(attended.input(0).data()) *
                    columns(attended.input(1).data()).transpose();  // S = q kᵀ / √head_dim
    const Matrix a = attention_weights(attended, 0, head);          // A
    Matrix da =
        columns(attended.grad()) * columns(attended.input(2).data()).transpose();  // dA = G vᵀ
    for (Eigen::Index t = 0; t < length; ++t) {
      const Eigen::Index beyond = length - t - 1;  // positions that t does not look at
      scores.row(t).tail(beyond).setConstant(-std::numeric_limits<double>::infinity());
      da.row(t).tail(beyond).setZero();
    }
    const Eigen::VectorXd sums = a.cwiseProduct(da).rowwise().sum();
    const Matrix ds = a.cwiseProduct(da.colwise() - sums);  // dS = A ∘ (dA - rowsum(A ∘ dA))
    looks_.push_back({"scores" + std::string(1, static_cast<char>('0' + head)), scores, ds});
    weights.push_back({"weights" + std::string(1, static_cast<char>('0' + head)), a, da});
  }
  looks_.insert(looks_.end(), weights.begin(), weights.end());
}

// The loss is the mean of -ln p(target).
void Inside::add_probabilities(const Matrix& logits, std::span<const int> targets) {
  const Matrix probabilities = softmax_rows(logits);
  Matrix gradient = Matrix::Zero(logits.rows(), logits.cols());
  for (Eigen::Index t = 0; t < logits.rows(); ++t) {
    const int target = targets[static_cast<std::size_t>(t)];
    gradient(t, target) = -1 / (probabilities(t, target) * static_cast<double>(logits.rows()));
  }
  looks_.push_back({"probabilities", probabilities, gradient});
}

}  // namespace ladder
