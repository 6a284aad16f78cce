#pragma once
/// \file
/// v6's numbers of 16 or of 64 outputs: in tiles of 8. Of a tile, lane 4 g + t has outputs 2 t and
/// 2 t + 1 of streams g ([0], [1]) and g + 8 ([2], [3]).

#include "08_hardware/cuda/inference/v6_weights.hpp"
#include "08_hardware/cuda/warp/collectives.hpp"

namespace ladder::gpu {

/// sums = 0
template <class Float, int tiles>
LADDER_DEVICE void zero_tiles(Float (&sums)[tiles][4]) {
  LADDER_UNROLL
  for (int i = 0; i < 4 * tiles; ++i) sums[i / 4][i % 4] = Float(0.0f);
}

/// sums += W · inputs. A tile of outputs is a step of inputs to the next matrix.
template <class Warp, int depth, int tiles>
LADDER_DEVICE void multiply_tiles(Warp& warp,
                                  const FragmentWeights::Fragment (&weights)[depth][tiles],
                                  const typename Warp::Float (&in)[depth][4],
                                  typename Warp::Float (&sums)[tiles][4]) {
  using Float = typename Warp::Float;
  LADDER_UNROLL
  for (int k = 0; k < depth; ++k) {
    const Float left[4] = {in[k][0], in[k][2], in[k][1], in[k][3]};
    LADDER_UNROLL
    for (int n = 0; n < tiles; ++n) {
      const Float right[2] = {warp.load(weights[k][n][0], warp.lane()),
                              warp.load(weights[k][n][1], warp.lane())};
      warp.multiply_tf32(sums[n], left, right);
    }
  }
}

/// 1 / √(mean(x²) + ε) of stream g + 8 s; its 16 numbers are in four lanes.
template <class Warp>
LADDER_DEVICE typename Warp::Float norm_of_tiles(Warp& warp, const typename Warp::Float (&x)[2][4],
                                                 int s) {
  using Float = typename Warp::Float;
  warp.part(Part::norms);
  Float squares = x[0][2 * s] * x[0][2 * s];
  squares = fused(x[0][2 * s + 1], x[0][2 * s + 1], squares);
  squares = fused(x[1][2 * s], x[1][2 * s], squares);
  squares = fused(x[1][2 * s + 1], x[1][2 * s + 1], squares);
  return rsqrt_of(fused(sum_over(warp, squares, 4), Float(1.0f / n_embd), Float(norm_epsilon)));
}

/// Divides each stream's numbers by their norm.
template <class Warp>
LADDER_DEVICE void scale_tiles(Warp& warp, typename Warp::Float (&x)[2][4]) {
  LADDER_UNROLL
  for (int s = 0; s < 2; ++s) {
    const typename Warp::Float norm = norm_of_tiles(warp, x, s);
    LADDER_UNROLL
    for (int n = 0; n < 2; ++n) {
      x[n][2 * s] = x[n][2 * s] * norm;
      x[n][2 * s + 1] = x[n][2 * s + 1] * norm;
    }
  }
}

}  // namespace ladder::gpu
