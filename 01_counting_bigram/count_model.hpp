#pragma once
/// \file
/// The bigram model by counting: how often does each letter follow each other letter?

#include <vector>

#include <Eigen/Core>

#include "common/dataset.hpp"

namespace ladder {

/// Row-major, so that row i is what follows token i.
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// counts(i, j): how often token j follows token i. BOS stands before the first letter and after
/// the last one. Shape (vocab_size, vocab_size).
Matrix count_pairs(const std::vector<Tokens>& names, int vocab_size);

/// P(j | i) = (counts(i, j) + smoothing) / (row sum + vocab_size * smoothing). Smoothing 1 is
/// Laplace's rule of succession: a pair never seen is unlikely, not impossible.
/// A row without any count is uniform. Shape (vocab_size, vocab_size), each row sums to 1.
Matrix probabilities_from_counts(const Matrix& counts, double smoothing);

/// Mean negative log-likelihood of the counted pairs: -Σ counts(i,j) ln P(j|i) / Σ counts(i,j), in
/// nats a character. Pairs never seen cost nothing, whatever their probability.
double mean_nll(const Matrix& counts, const Matrix& probabilities);

/// The whole stage in one number, for later ones to stand beside: counts pairs in `train` with
/// add-one smoothing and returns the mean NLL of the names `examined`, nats a character.
double add_one_nll(const std::vector<Tokens>& train, const std::vector<Tokens>& examined,
                   int vocab_size);

}  // namespace ladder
