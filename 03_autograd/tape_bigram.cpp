#include "03_autograd/tape_bigram.hpp"

#include <vector>

namespace ladder {

LossAndGradient bigram_loss_scalar(ScalarTape& tape, const Matrix& logits, const Matrix& counts) {
  tape.rewind(0);
  std::vector<Value> leaves;
  for (const double logit : logits.reshaped<Eigen::RowMajor>()) leaves.push_back(tape.leaf(logit));

  const Eigen::Index vocab_size = logits.rows();
  Value total_log_likelihood = tape.leaf(0);
  for (Eigen::Index i = 0; i < vocab_size; ++i) {
    // BEGIN SOLUTION 03.bigram_loss
    // Adding one number to a whole row changes no probability; the largest keeps exp() in range.
    const double shift = -logits.row(i).maxCoeff();
    const Value* row = &leaves[static_cast<std::size_t>(i * vocab_size)];
    Value normaliser = exp(row[0] + shift);
    for (Eigen::Index j = 1; j < vocab_size; ++j) normaliser = normaliser + exp(row[j] + shift);
    const Value log_normaliser = log(normaliser);
    for (Eigen::Index j = 0; j < vocab_size; ++j) {
      if (counts(i, j) == 0) continue;
      const Value log_probability = row[j] + shift - log_normaliser;
      total_log_likelihood = total_log_likelihood + log_probability * counts(i, j);
    }
    // END SOLUTION
  }
  const Value loss = total_log_likelihood * (-1 / counts.sum());

  tape.backward(loss);
  Matrix gradient(vocab_size, vocab_size);
  for (std::size_t i = 0; i < leaves.size(); ++i) gradient.data()[i] = leaves[i].grad();
  return {loss.data(), gradient};
}

LossAndGradient bigram_loss_matrix(MatrixTape& tape, const Matrix& logits, const Matrix& counts) {
  Parameter parameter("logits", logits.rows(), logits.cols());
  parameter.value = logits;

  tape.reset();
  const Var w = tape.leaf(parameter);                                                  // (27, 27)
  const Var shifted = subtract_column(w, tape.constant(logits.rowwise().maxCoeff()));  // (27, 27)
  const Var log_normaliser = log(row_sums(exp(shifted)));                              // (27, 1)
  const Var log_probabilities = subtract_column(shifted, log_normaliser);              // (27, 27)
  const Var loss = weighted_sum(log_probabilities, -counts / counts.sum());            // (1, 1)

  tape.backward(loss);
  return {loss.scalar(), parameter.grad};
}

}  // namespace ladder
