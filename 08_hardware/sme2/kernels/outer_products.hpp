#pragma once
/// \file
/// Matrices multiplied as sums of outer products, which is what a matrix engine does: C += a bᵀ for
/// a whole tile at once.

#include <cstdint>
#include <span>

namespace ladder::sme2 {

/// Counts rows, columns and numbers.
using Index = std::int64_t;

/// C = Σ_k A[k]ᵀ B[k], or C += …: the row k of A and the row k of B, each number of the one times
/// each of the other. Both are read along their rows, so nothing is transposed on the way:
///
/// - a projection of many streams, outᵀ = W xᵀ: A = Wᵀ (in, out), B = xᵀ (in, streams);
/// - the gradient of weights, dW = Σ_t dout[t] in[t]ᵀ: A = dout (T, out), B = in (T, in);
/// - the gradient of inputs, dinᵀ = Wᵀ doutᵀ: A = W (out, in), B = doutᵀ (out, T).
///
/// Each number of C is one sum, over k = 0, 1, 2 … and with one rounding a step, at whatever length
/// of vector: the bits are the same on all machines.
struct Product {
  const float* a;  ///< (k, m), rows a_stride apart
  Index a_stride;  ///< in numbers, as all of these
  const float* b;  ///< (k, n)
  Index b_stride;  ///< of b
  float* c;        ///< (m, n)
  Index c_stride;  ///< of c
  Index m,         ///< rows of C
      n,           ///< columns of C
      k;           ///< outer products to add up
  bool add;        ///< to what C holds
};

/// Enters streaming mode once for this one.
void multiply(const Product& product);

/// Enters streaming mode once for all of them, which are done in this order.
void multiply_all(std::span<const Product> products);

/// The same with the vectors of every Arm (NEON), as the compiler makes them of a plain loop: what
/// streaming mode has to beat.
void multiply_plainly(const Product& product);

}  // namespace ladder::sme2
