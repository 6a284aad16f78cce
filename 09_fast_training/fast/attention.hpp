#pragma once
/// \file
/// Causal self-attention with all four heads side by side in a vector (head_order.hpp): a product
/// of two blocks, added up in fours, is the scores of all heads, and stands where it is needed to
/// weigh the values. Unnamed namespace: see kernels.hpp.

#include "09_fast_training/fast/vectors.hpp"

namespace ladder {
namespace {

/// The rows that row n sees, itself last; for rows taken in order.
class Path {
 public:
  /// Comes to the next row. \returns how many it sees
  [[gnu::always_inline]] int enter(int row, int position) {
    rows_[position] = row;
    return position + 1;
  }
  [[gnu::always_inline]] long operator[](int position) const { return rows_[position]; }

 private:
  int rows_[16];
};

/// a = softmax(q · k / √head_dim), y = Σ a v.
/// \param qkv   (N, 3 width)
/// \param a     (pairs, 16) each row's weights, one after the other
/// \param y     (N, width)
template <int width, bool fast_exp, class Number, class Pass>
[[gnu::always_inline]] inline void attention_rows(const Pass& pass, const Number* qkv, Number* a,
                                                  Number* y) {
  constexpr int blocks = width / 16;
  using B = Block<Number>;
  // exp(x) = 2^(x log2 e)
  const B scale = B::of(Number(1.4426950408889634 / __builtin_sqrt(width / 4)));
  Path path;
  for (int n = 0; n < pass.rows; ++n) {
    const int seen = path.enter(n, pass.positions[n]);
    const Number* const here = qkv + long{n} * 3 * width;
    B q[blocks];
    unroll<blocks>([&](auto b)
                       __attribute__((always_inline)) { q[b] = scale * B::load(here + 16 * b); });
    B largest = B::of(Number(-1e30));
    for (int s = 0; s < seen; ++s) {
      const Number* const k = qkv + path[s] * 3 * width + width;
      B dot = q[0] * B::load(k);
      for (int b = 1; b < blocks; ++b) dot = B::multiply_add(q[b], B::load(k + 16 * b), dot);
      const B score = dot.head_sums();
      largest = largest.with(
          score, [](auto x, auto z) __attribute__((always_inline)) { return x > z ? x : z; });
      score.store(a + 16 * s);
    }
    B sum = B::of(0);
    for (int s = 0; s < seen; ++s) {
      const B e = (B::load(a + 16 * s) - largest).map([](auto x) __attribute__((always_inline)) {
        return power_of_2<fast_exp, Number>(x);
      });
      sum = sum + e;
      e.store(a + 16 * s);
    }
    const B factor = sum.map([](auto x) __attribute__((always_inline)) { return 1 / x; });
    B attended[blocks];
    for (B& block : attended) block = B::of(0);
    for (int s = 0; s < seen; ++s) {
      const B weight = B::load(a + 16 * s) * factor;
      weight.store(a + 16 * s);
      const Number* const v = qkv + path[s] * 3 * width + 2 * width;
      unroll<blocks>([&](auto b) __attribute__((always_inline)) {
        attended[b] = B::multiply_add(weight, B::load(v + 16 * b), attended[b]);
      });
    }
    unroll<blocks>([&](auto b) __attribute__((always_inline)) {
      attended[b].store(y + long{n} * width + 16 * b);
    });
    a += 16 * seen;
  }
}

/// dv += a g,  da = g · v,  ds = a (da - Σ a da),  dq += ds k / √head_dim,  dk += ds q / √head_dim.
/// A row's own dk and dv are touched by itself first, then by its descendants: so they are set by
/// the one and added to by the others, and need not be zero before.
/// \param g     (N, width) gradient of y
/// \param dqkv  (N, 3 width)
template <int width, class Number, class Pass>
[[gnu::always_inline]] inline void attention_backward_rows(const Pass& pass, const Number* qkv,
                                                           const Number* a, const Number* g,
                                                           Number* dqkv) {
  constexpr int blocks = width / 16;
  using B = Block<Number>;
  const B scale = B::of(Number(1 / __builtin_sqrt(width / 4)));
  Path path;
  for (int n = 0; n < pass.rows; ++n) {
    const int seen = path.enter(n, pass.positions[n]);
    const long row = long{n} * 3 * width;
    B y[blocks], q[blocks], dq[blocks], da[16], dot = B::of(0);
    unroll<blocks>([&](auto b) __attribute__((always_inline)) {
      y[b] = B::load(g + long{n} * width + 16 * b);
      q[b] = scale * B::load(qkv + row + 16 * b);
      dq[b] = B::of(0);
    });
    for (int s = 0; s < seen; ++s) {
      const Number* const v = qkv + path[s] * 3 * width + 2 * width;
      Number* const dv = dqkv + path[s] * 3 * width + 2 * width;
      const B weight = B::load(a + 16 * s);
      B sum = y[0] * B::load(v);
      for (int b = 1; b < blocks; ++b) sum = B::multiply_add(y[b], B::load(v + 16 * b), sum);
      da[s] = sum.head_sums();
      dot = B::multiply_add(weight, da[s], dot);
      unroll<blocks>([&](auto b) __attribute__((always_inline)) {
        B result = weight * y[b];
        if (s + 1 < seen) result = result + B::load(dv + 16 * b);
        result.store(dv + 16 * b);
      });
    }
    for (int s = 0; s < seen; ++s) {
      const Number* const k = qkv + path[s] * 3 * width + width;
      Number* const dk = dqkv + path[s] * 3 * width + width;
      const B ds = B::load(a + 16 * s) * (da[s] - dot);
      unroll<blocks>([&](auto b) __attribute__((always_inline)) {
        dq[b] = B::multiply_add(ds, B::load(k + 16 * b), dq[b]);
        B result = ds * q[b];
        if (s + 1 < seen) result = result + B::load(dk + 16 * b);
        result.store(dk + 16 * b);
      });
    }
    unroll<blocks>([&](auto b) __attribute__((always_inline)) {
      (scale * dq[b]).store(dqkv + row + 16 * b);
    });
    a += 16 * seen;
  }
}

}  // namespace
}  // namespace ladder
