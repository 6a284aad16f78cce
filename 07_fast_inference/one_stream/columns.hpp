#pragma once
/// \file
/// Matrices laid out for vectors: used by `columns` and `tables`.

#include <cmath>

#include "07_fast_inference/model/engine.hpp"
#include "07_fast_inference/one_stream/simd.hpp"

namespace ladder {
inline namespace LADDER_WIDTH {

/// log2(e), for eˣ = 2^(x log2(e)): only powers of 2 are cheap.
inline constexpr float log2_e = 1.44269504f;
/// Scores are wanted as powers of 2, divided by √head_dim = 2: the query takes both factors in.
inline constexpr float query_scale = log2_e / 2;
static_assert(head_dim == 4);

/// A 16 × 16 matrix along its XOR diagonals: row d holds W[i][i ^ d] for i = 0 … 15. Then
///   y_i = Σ_j W[i][j] x_j = Σ_d W[i][i ^ d] x_{i ^ d},
/// so y = Σ_d diagonal_d · xor_lanes<d>(x), lane by lane: sixteen products of whole vectors. The
/// input is shuffled within registers, nothing is summed across lanes, nothing is broadcast.
struct Diagonals {
  alignas(64) float row[16][16];  ///< row[d][i] = W[i][i ^ d]
};

/// Which output of the matrix stands in lane `slot`, which input in lane `j`.
template <class Weight>
Diagonals make_diagonals(Weight&& weight) {
  Diagonals result;
  for (int d = 0; d < 16; ++d) {
    for (int i = 0; i < 16; ++i) result.row[d][i] = weight(i, i ^ d);
  }
  return result;
}

/// Sums of `chains` parts each, for `outs` outputs of sixteen: a sum must wait four cycles for the
/// one before it, and in that time eight could have been started.
template <int outs, int chains>
struct Sums {
  Sixteen part[outs][chains] = {};  ///< to be added up by total()

  /// += W x for `outs` matrices that share their input.
  [[gnu::always_inline]] void multiply(const Diagonals (&w)[outs], const Sixteen& x) {
    // Diagonals that need the same shuffle of one vector (d, d + lanes, …) come one after another.
    unroll<16>([&](auto step) __attribute__((always_inline)) {
      constexpr int d = step / Sixteen::parts + step % Sixteen::parts * lanes;
      const Sixteen turned = xor_lanes<d>(x);
      for (int o = 0; o < outs; ++o) {
        Sixteen& sum = part[o][step % chains];
        sum = multiply_add(Sixteen::load(w[o].row[d]), turned, sum);
      }
    });
  }

  /// Output `o`, its parts added up in pairs.
  [[gnu::always_inline]] Sixteen total(int o) const {
    Sixteen sum[chains];
    for (int c = 0; c < chains; ++c) sum[c] = part[o][c];
    for (int n = chains / 2; n > 0; n /= 2) {
      for (int c = 0; c < n; ++c) sum[c] = sum[c] + sum[c + n];
    }
    return sum[0];
  }
};

/// fc2: 64 numbers in, 16 out. Shuffling each input vector in every way would cost more than half
/// as many instructions as multiplying, so here the sums are shuffled instead, once at the end:
///   S_d = Σ_v w[v][d] · hidden_v,   y = Σ_d xor_lanes<d>(S_d).
struct DownProjection {
  static constexpr int inputs = n_hidden / lanes;  ///< vectors of hidden numbers
  /// w[v][d] above, for each vector of the output.
  alignas(64) float weight[Sixteen::parts][inputs][lanes][lanes];

  /// \param fc2  [out][in], as in the weights file
  explicit DownProjection(const float (&fc2)[n_embd][n_hidden]) {
    for (int p = 0; p < Sixteen::parts; ++p) {
      for (int v = 0; v < inputs; ++v) {
        for (int d = 0; d < lanes; ++d) {
          for (int j = 0; j < lanes; ++j) {
            weight[p][v][d][j] = fc2[p * lanes + (j ^ d)][v * lanes + j];
          }
        }
      }
    }
  }

  /// fc2 · hidden, the 64 hidden numbers in their order.
  [[gnu::always_inline]] Sixteen multiply(const Lanes (&hidden)[inputs]) const {
    Sixteen y;
    for (int p = 0; p < Sixteen::parts; ++p) {
      // With AVX2: eight sums and eight inputs, and that is all its sixteen registers.
      Lanes sum[lanes];
      for (int d = 0; d < lanes; ++d) sum[d] = load(weight[p][0][d]) * hidden[0];
      for (int v = 1; v < inputs; ++v) {
        for (int d = 0; d < lanes; ++d) sum[d] += load(weight[p][v][d]) * hidden[v];
      }
      // Sums d and d + w differ by one more shuffle, by w: half of them at a time are folded in.
      const auto fold = [&](auto w) __attribute__((always_inline)) {
        for (int d = 0; d < w; ++d) sum[d] += xor_lanes<w>(sum[d + w]);
      };
      if constexpr (lanes > 8) fold(std::integral_constant<int, 8 % lanes>());
      if constexpr (lanes > 4) fold(std::integral_constant<int, 4>());
      fold(std::integral_constant<int, 2>());
      fold(std::integral_constant<int, 1>());
      y.part[p] = sum[0];
    }
    return y;
  }
};

/// Head h, dimension i of queries, keys and values stands in lane 4i + h rather than 4h + i: so the
/// four heads lie side by side, and one vector holds all their scores. \returns the row of W.
inline constexpr int head_row(int lane) { return lane % n_head * head_dim + lane / n_head; }

/// q · k of the four heads, repeated across the vector: lane l has head l % 4.
[[gnu::always_inline]] inline Lanes head_scores(const Sixteen& q, const Sixteen& k) {
  Lanes sum = q.part[0] * k.part[0];
  for (int i = 1; i < Sixteen::parts; ++i) sum += q.part[i] * k.part[i];
  if constexpr (lanes > 4) sum += xor_lanes<4>(sum);
  if constexpr (lanes > 8) sum += xor_lanes<8 % lanes>(sum);
  return sum;
}

}  // namespace LADDER_WIDTH
}  // namespace ladder
