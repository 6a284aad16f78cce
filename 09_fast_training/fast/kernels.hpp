#pragma once
/// \file
/// Where the world of containers ends: a pass through the model as a function of plain pointers,
/// compiled once for each width of vectors.
///
/// A file compiled for AVX-512 must not leave behind any inline function that another file might be
/// linked with. So what those files share is in unnamed namespaces (vectors.hpp, products.hpp, …),
/// they use no containers, and this header is all that they show.

#include <cstddef>

#include "09_fast_training/fast/variant.hpp"

namespace ladder {

struct Target;

/// A pass's inputs and results, for a batch of `rows` rows.
template <class Number>
struct Pass {
  int vocab_size;           ///< letters and BOS
  bool gains;               ///< which variant of the model
  int rows;                 ///< N
  const int* tokens;        ///< (N)
  const int* positions;     ///< (N)
  const int* first_target;  ///< (N + 1)
  const Target* targets;    ///< as in PackedBatch
  int pairs;                ///< as PackedBatch::pairs()
  double predictions;       ///< by which the loss is divided

  /// As TensorOffsets says, but in head order (head_order.hpp), and lm_head's rows continue with
  /// zeros to a multiple of 16.
  const Number* parameters;
  Number* gradient;   ///< is set, or added to
  bool add;           ///< to the gradient; else it is set
  Number* workspace;  ///< of workspace_size() numbers, 64-byte aligned
  Number* logits;     ///< (padded_rows, padded_vocab), is written: logits, after a backward pass
                      ///< their gradient
};

/// What Adam needs to know of a step, calculated in double precision once.
struct AdamStep {
  double beta1, beta2, epsilon;  ///< as AdamOptions
  double lr;                     ///< learning rate
  double m_scale, v_scale;       ///< 1 / (1 - betaᵗ)
};

/// Rows are computed in fours, the vocabulary in sixteens.
constexpr std::size_t padded_rows(int rows) { return static_cast<std::size_t>(rows + 3) / 4 * 4; }
/// Letters and BOS, up to a multiple of 16.
constexpr std::size_t padded_vocab(int vocab_size) {
  return static_cast<std::size_t>(vocab_size + 15) / 16 * 16;
}

/// A model of one width in one kind of vectors.
template <class Number>
struct Kernels {
  std::size_t (*workspace_size)(const Pass<Number>& pass);  ///< numbers of workspace
  double (*forward)(const Pass<Number>& pass);              ///< fills logits. \returns Σ nats
  double (*forward_backward)(const Pass<Number>& pass);     ///< and gradient. \returns Σ nats

  /// parameters -= …, for `size` numbers, a multiple of 16.
  void (*adam)(Number* parameters, const Number* gradient, Number* m, Number* v, std::size_t size,
               const AdamStep& step);
  void (*sgd)(Number* parameters, const Number* gradient, std::size_t size,
              double lr);  ///< as well

  /// Multiply-adds on registers alone, to be timed. \returns floating-point operations made
  double (*peak)(long rounds);
};

/// Those of one file: `kernels_….cpp`. \param width  one of `gpt_widths`
const Kernels<float>& plain_vectors_float(int width);
const Kernels<double>& plain_vectors_double(int width);  ///< the same in double precision
#if defined(__x86_64__)
const Kernels<float>& avx2_float(int width);      ///< needs AVX2 and FMA
const Kernels<double>& avx2_double(int width);    ///< needs AVX2 and FMA
const Kernels<float>& avx512_float(int width);    ///< needs AVX-512 F, BW, DQ, VL
const Kernels<double>& avx512_double(int width);  ///< needs AVX-512 F, BW, DQ, VL
#endif

}  // namespace ladder
