#include "01_counting_bigram/count_model.hpp"

#include <cmath>

namespace ladder {

Matrix count_pairs(const std::vector<Tokens>& names, int vocab_size) {
  // BEGIN SOLUTION 01.count_pairs
  const int bos = vocab_size - 1;
  Matrix counts = Matrix::Zero(vocab_size, vocab_size);
  for (const Tokens& name : names) {
    int previous = bos;
    for (const int token : name) {
      counts(previous, token) += 1;
      previous = token;
    }
    counts(previous, bos) += 1;
  }
  return counts;
  // END SOLUTION
}

Matrix probabilities_from_counts(const Matrix& counts, double smoothing) {
  // BEGIN SOLUTION 01.smoothing
  Matrix probabilities = counts.array() + smoothing;
  for (auto row : probabilities.rowwise()) {
    const double total = row.sum();
    if (total > 0) {
      row /= total;
    } else {
      row.setConstant(1.0 / static_cast<double>(row.size()));
    }
  }
  return probabilities;
  // END SOLUTION
}

double mean_nll(const Matrix& counts, const Matrix& probabilities) {
  // BEGIN SOLUTION 01.mean_nll
  double nats = 0;
  for (Eigen::Index i = 0; i < counts.rows(); ++i) {
    for (Eigen::Index j = 0; j < counts.cols(); ++j) {
      if (counts(i, j) > 0) nats -= counts(i, j) * std::log(probabilities(i, j));
    }
  }
  return nats / counts.sum();
  // END SOLUTION
}

double add_one_nll(const std::vector<Tokens>& train, const std::vector<Tokens>& examined,
                   int vocab_size) {
  return mean_nll(count_pairs(examined, vocab_size),
                  probabilities_from_counts(count_pairs(train, vocab_size), 1.0));
}

}  // namespace ladder
