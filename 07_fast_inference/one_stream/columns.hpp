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
/// (Where loops are short it is by columns, row[j][i] = W[i][j], and x_j is broadcast from memory.)
struct Diagonals {
  alignas(64) float row[16][16];  ///< row[d][i] = W[i][i ^ d]
};

/// Which output of the matrix stands in lane `slot`, which input in lane `j`.
template <class Weight>
Diagonals make_diagonals(Weight&& weight) {
  Diagonals result;
  for (int d = 0; d < 16; ++d) {
    for (int i = 0; i < 16; ++i) result.row[d][i] = weight(i, short_loops ? d : i ^ d);
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
    if constexpr (short_loops) return multiply_columns(w, x);
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

  /// The same where loops are short: one output after another, by its columns. Its four sums, the
  /// four vectors of a column and x_j fit into the registers. (Eight sums did not.)
  [[gnu::always_inline]] void multiply_columns(const Diagonals* w, const Sixteen& x) {
    alignas(64) float numbers[16];
    x.store(numbers);
    for (int o = 0; o < outs; ++o) {
      Sixteen sum = part[o][0];
      LADDER_SHORT_LOOP
      for (int j = 0; j < 16; ++j) {
        sum = multiply_add(Sixteen::load(w[o].row[j]), splat_sixteen(numbers[j]), sum);
      }
      part[o][0] = sum;
    }
  }

  /// Output `o`, its parts added up in pairs.
  [[gnu::always_inline]] Sixteen total(int o) const {
    if constexpr (short_loops) return part[o][0];
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
  /// w[v][d] above, for each vector of the output. (Where loops are short: the columns of fc2.)
  alignas(64) float weight[Sixteen::parts][inputs][lanes][lanes];

  /// \param fc2  [out][in], as in the weights file
  explicit DownProjection(const float (&fc2)[n_embd][n_hidden]) {
    if constexpr (short_loops) {
      for (int i = 0; i < n_embd * n_hidden; ++i) {
        (&weight[0][0][0][0])[i] = fc2[i % n_embd][i / n_embd];
      }
      return;
    }
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
    if constexpr (short_loops) return multiply_columns(hidden);
    for (int p = 0; p < Sixteen::parts; ++p) {
      // With AVX2: eight sums and eight inputs, and that is all its sixteen registers.
      Lanes sum[lanes];
      for (int d = 0; d < lanes; ++d) sum[d] = load(weight[p][0][d]) * hidden[0];
      for (int v = 1; v < inputs; ++v) {
        for (int d = 0; d < lanes; ++d)
          sum[d] = multiply_add(load(weight[p][v][d]), hidden[v], sum[d]);
      }
      y.part[p] = fold(sum);
    }
    return y;
  }

 private:
  // The same where loops are short: half of the outputs at a time, whose sums over the even columns
  // and over the odd ones do not wait for each other.
  [[gnu::always_inline]] Sixteen multiply_columns(const Lanes (&hidden)[inputs]) const {
    alignas(64) float numbers[n_hidden];
    for (int v = 0; v < inputs; ++v) store(numbers + v * lanes, hidden[v]);
    constexpr int half = (Sixteen::parts + 1) / 2;
    Sixteen y;
    for (int first = 0; first < Sixteen::parts; first += half) {
      const float* column = &weight[0][0][0][0] + first * lanes;  // sixteen numbers each
      Lanes sum[2][half] = {};
      LADDER_SHORT_LOOP
      for (int j = 0; j < n_hidden; j += 2) {
        for (int s = 0; s < 2; ++s) {
          const Lanes number = splat(numbers[j + s]);
          for (int p = 0; p < half; ++p) {
            sum[s][p] = multiply_add(load(column + p * lanes), number, sum[s][p]);
          }
          column += n_embd;
        }
      }
      for (int p = 0; p < half; ++p) y.part[first + p] = sum[0][p] + sum[1][p];
    }
    return y;
  }

  // Sums d and d + w differ by one more shuffle, by w: half of them at a time are folded in.
  [[gnu::always_inline]] static Lanes fold(Lanes (&sum)[lanes]) {
    const auto halve = [&](auto w) __attribute__((always_inline)) {
      for (int d = 0; d < w; ++d) sum[d] += xor_lanes<w>(sum[d + w]);
    };
    if constexpr (lanes > 8) halve(std::integral_constant<int, 8 % lanes>());
    if constexpr (lanes > 4) halve(std::integral_constant<int, 4>());
    halve(std::integral_constant<int, 2>());
    halve(std::integral_constant<int, 1>());
    return sum[0];
  }
};

/// Head h, dimension i of queries, keys and values stands in lane 4i + h rather than 4h + i: so the
/// four heads lie side by side, and one vector holds all their scores. \returns the row of W.
inline constexpr int head_row(int lane) { return lane % n_head * head_dim + lane / n_head; }

/// q · k of the four heads, repeated across the vector: lane l has head l % 4.
[[gnu::always_inline]] inline Lanes head_scores(const Sixteen& q, const Sixteen& k) {
  Lanes sum = q.part[0] * k.part[0];
  for (int i = 1; i < Sixteen::parts; ++i) sum = multiply_add(q.part[i], k.part[i], sum);
  if constexpr (lanes > 4) sum += xor_lanes<4>(sum);
  if constexpr (lanes > 8) sum += xor_lanes<8 % lanes>(sum);
  return sum;
}

}  // namespace LADDER_WIDTH
}  // namespace ladder
