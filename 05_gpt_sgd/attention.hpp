#pragma once
/// \file
/// The layers that make a GPT, as operations on the matrix tape. With G the gradient of the result,
/// the comment gives what the inputs receive.

#include "03_autograd/matrix_ops.hpp"

namespace ladder {

/// y = max(x, 0), element by element.  dx = G where x > 0, else 0
Var relu(Var x);

/// y = x / √(mean(x²) + 1e-5), row by row (Zhang and Sennrich, 2019): every row gets the length
/// √n_embd, its direction stays.  With s = 1 / √(…) and m the mean over a row, dx = s (G - y m(G ∘
/// y))
Var rmsnorm(Var x);

/// y(i, j) = x(i, j) gain(0, j), for x (n, m) and gain (1, m).  dx = G ∘ gain, dgain = column sums
/// of G ∘ x
Var scale_columns(Var x, Var gain);

/// Causal self-attention with n_head heads (Vaswani et al., 2017) over names packed one below the
/// other: a position looks at itself and at the earlier ones of its own name.
///
/// Each head has its own head_dim = n_embd / n_head columns of q, k and v. For one name of T
/// positions:
///
///     S = q kᵀ / √head_dim          (T, T)  how well a query fits each key
///     A = softmax(S, causal)        (T, T)  row t: what position t looks at; 0 beyond t
///     y = A v                       (T, head_dim)
///
/// and backwards  dv = Aᵀ G,  dA = G vᵀ,  dS = A ∘ (dA - rowsum(A ∘ dA)),
/// dq = dS k / √head_dim,  dk = dSᵀ q / √head_dim.
///
/// \param q, k, v  (P, n_embd), P positions of all names together
/// \param starts   the row where each name starts, and P at the end
Var attention(Var q, Var k, Var v, std::span<const int> starts, int n_head);

/// A of one name and head, (T, T), from the result of attention().
Matrix attention_weights(Var attended, int name, int head);

}  // namespace ladder
