#pragma once
/// \file
/// Stage 02's loss, written with tape operations only: no gradient is derived by hand.

#include "02_neural_bigram/neural_bigram.hpp"
#include "03_autograd/matrix_ops.hpp"
#include "03_autograd/scalar_tape.hpp"

namespace ladder {

/// \name Mean NLL of the counted pairs under softmax(logits), and its gradient by the logits
/// As stage 02's objective_by_hand(): logits, counts and gradient (vocab_size, vocab_size).
/// \{

/// Number by number: one Value a logit, some 5,000 nodes for 27 symbols.
LossAndGradient bigram_loss_scalar(ScalarTape& tape, const Matrix& logits, const Matrix& counts);

/// Matrix by matrix: six nodes.
LossAndGradient bigram_loss_matrix(MatrixTape& tape, const Matrix& logits, const Matrix& counts);
/// \}

}  // namespace ladder
