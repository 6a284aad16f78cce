#pragma once
/// \file
/// The layers of a multilayer perceptron, as operations on the matrix tape. With G the gradient of
/// the result, the comment gives what the inputs receive.

#include "03_autograd/matrix_ops.hpp"

namespace ladder {

/// Looks tokens up: row i of the result is the table's rows for `per_row` tokens, side by side.
/// Shape (tokens.size() / per_row, per_row * n_embd), for a table (vocab_size, n_embd).
/// dtable: each row of the table receives G from every place where it was looked up.
Var embedding(Var table, std::span<const int> tokens, Eigen::Index per_row = 1);

/// y(i, j) = x(i, j) + bias(0, j), for x (n, m) and bias (1, m).  dx = G, dbias = column sums of G
Var add_bias(Var x, Var bias);

/// y = tanh(x), element by element.  dx = G (1 - y²)
Var tanh(Var x);

}  // namespace ladder
