#pragma once
/// \file
/// Operations on the matrix tape. Each computes its result and says how the gradient flows back;
/// with G the gradient of the result, the comment gives what the inputs receive.

#include "03_autograd/matrix_tape.hpp"

namespace ladder {

/// y = exp(x), element by element.  dx = G ∘ y
Var exp(Var x);

/// y = ln(x), element by element.  dx = G / x
Var log(Var x);

/// The sum of each row: (n, m) to (n, 1).  dx = G in every column
Var row_sums(Var x);

/// y(i, j) = x(i, j) - column(i), for x (n, m) and column (n, 1).  dx = G, dcolumn = -row sums of G
Var subtract_column(Var x, Var column);

/// Σ x(i, j) weights(i, j), a (1, 1) matrix; the weights are given, not learnt.  dx = G weights
Var weighted_sum(Var x, const Eigen::Ref<const Matrix>& weights);

/// y = x wᵀ, for x (n, in) and w (out, in), as microgpt.py stores it; y (n, out).
/// dx = G w, dw = Gᵀ x
Var linear(Var x, Var w);

/// y = a + b, same shape.  da = G, db = G
Var add(Var a, Var b);

/// Mean NLL of `targets` under softmax(logits): -1/n Σ_i ln softmax(logits(i, ·))[targets(i)], a
/// (1, 1) matrix, nats a row. One node for what exp, row_sums, log, … would do in six, and it
/// cannot overflow: the largest logit of a row is subtracted first. dlogits = G (softmax(logits) -
/// onehot(targets)) / n \param logits   (n, vocab_size) \param targets  n tokens
Var cross_entropy(Var logits, std::span<const int> targets);

}  // namespace ladder
