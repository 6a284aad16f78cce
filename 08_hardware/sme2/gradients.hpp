#pragma once
/// \file
/// The gradients of all matrices of a GPT with one layer, for a name: dW = Σ_t dout[t] in[t]ᵀ,
/// seven sums of outer products, and three ways to come by them.

#include <cstdint>
#include <vector>

#include "08_hardware/sme2/kernels/outer_products.hpp"

namespace ladder::sme2 {

/// How often streaming mode is entered.
enum class Way {
  each_position,  ///< for every outer product: 7 matrices × 16 positions = 112 times
  each_matrix,    ///< 7 times: the positions of a matrix are added up in ZA
  once,           ///< for all
};

/// What a backward pass has when it comes to the weights: what each matrix read, and the gradient
/// of what it gave. Here random numbers, of the shapes that a model of that width has.
class Gradients {
 public:
  /// \param width  n_embd: 16, 32, 64, 128 …
  /// \param positions  T
  Gradients(int width, int positions);

  /// Adds the gradients of this name to what is there.
  void add(Way way);

  /// The same on NEON.
  void add_plainly();

  /// Σ |dW - exact| / Σ |exact| in double precision, of the worst of the seven, if they have been
  /// added once since the beginning; a NaN is kept.
  double error() const;

  /// Multiply-adds of add().
  std::int64_t multiply_adds() const;

 private:
  struct Matrix {
    int outs, ins;
    std::vector<float> d_out,  // (positions, outs)
        in,                    // (positions, ins)
        d_w;                   // (outs, ins)
  };
  Product product(Matrix& matrix) const;

  int positions_;
  std::vector<Matrix> matrices_;
};

}  // namespace ladder::sme2
