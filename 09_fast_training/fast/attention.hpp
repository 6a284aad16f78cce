#pragma once
/// \file
/// Causal self-attention with all four heads side by side in a vector (head_order.hpp): a product
/// of two blocks, added up in fours, is the scores of all heads, and stands where it is needed to
/// weigh the values. Unnamed namespace: see kernels.hpp.

#include "09_fast_training/fast/vectors.hpp"

namespace ladder {
namespace {

/// Four blocks, each four numbers of each head: their sums, head by head. Number 4 h + p of the
/// result is head h's sum of block p.
template <class Number>
[[gnu::always_inline]] inline Block<Number> sums_of_fours(const Block<Number> (&x)[4]) {
  constexpr int n = lanes_of<Number>;
  using V = Vector<Number>;
  // Numbers 0 and 2, or 1 and 3, of every four: of a, b, a, b.
  const auto pick = [](V a, V b, auto first) __attribute__((always_inline)) {
    return [&]<int... i>(std::integer_sequence<int, i...>) __attribute__((always_inline)) {
      return __builtin_shufflevector(a, b, (i / 4 * 4 + first + (i % 4 / 2) + (i % 2) * n)...);
    }
    (std::make_integer_sequence<int, n>());
  };
  // The first two, or the last two, of every four: of a, then of b.
  const auto halves = [](V a, V b, auto first) __attribute__((always_inline)) {
    return [&]<int... i>(std::integer_sequence<int, i...>) __attribute__((always_inline)) {
      return __builtin_shufflevector(a, b, (i / 4 * 4 + first + i % 2 + (i % 4 / 2) * n)...);
    }
    (std::make_integer_sequence<int, n>());
  };
  constexpr std::integral_constant<int, 0> zero;
  constexpr std::integral_constant<int, 2> two;
  Block<Number> result;
#pragma GCC unroll 8
  for (int i = 0; i < Block<Number>::parts; ++i) {
    // Numbers 0 + 2 and 1 + 3 of a and b: a0+a2 b0+b2 a1+a3 b1+b3.
    const V ab = pick(x[0].part[i], x[1].part[i], zero) + pick(x[0].part[i], x[1].part[i], two);
    const V cd = pick(x[2].part[i], x[3].part[i], zero) + pick(x[2].part[i], x[3].part[i], two);
    result.part[i] = halves(ab, cd, zero) + halves(ab, cd, two);
  }
  return result;
}

/// Number 4 h + p of a block in all four places of head h.
template <int p, class Number>
[[gnu::always_inline]] inline Block<Number> spread(const Block<Number>& x) {
  return x.map([](auto part) __attribute__((always_inline)) {
    return [&]<int... i>(std::integer_sequence<int, i...>) __attribute__((always_inline)) {
      return __builtin_shufflevector(part, part, (i / 4 * 4 + p)...);
    }
    (std::make_integer_sequence<int, lanes_of<Number>>());
  });
}

/// The rows that row n sees, by position, itself last; for rows taken in order.
class Path {
 public:
  /// Comes to the next row. \returns how many groups of four it sees
  [[gnu::always_inline]] int enter(int row, int position) {
    rows_[position] = row;
    // A group is always whole: what is too many looks at the row itself, and counts for nothing.
    rows_[position + 1] = rows_[position + 2] = rows_[position + 3] = row;
    return position / 4 + 1;
  }
  [[gnu::always_inline]] long operator[](int position) const { return rows_[position]; }

 private:
  int rows_[16 + 3];
};

/// For a group of which a row sees the positions up to 0, 1, 2, 3: 0 where it looks, else -1e30, of
/// which the exponential is 0.
template <class Number>
struct TooMany {
  alignas(64) Number mask[4][16];
  [[gnu::always_inline]] TooMany() {
    for (int last = 0; last < 4; ++last) {
      for (int i = 0; i < 16; ++i) mask[last][i] = i % 4 <= last ? Number(0) : Number(-1e30);
    }
  }
};

/// Whether a row's last group of four positions stops at the row itself. In wide models it does
/// not: code for each place is long to compile there and saves little beside the products.
template <int width>
constexpr bool exact_groups = width <= 32 && !small_program;

/// f(the place of a row itself in its last group of four, 0 to 3), as a constant: what comes after
/// it in the group is not computed at all. f(3) for all where groups are not exact.
template <int width, class F>
[[gnu::always_inline]] inline void with_last(int position, const F& f) {
  if constexpr (exact_groups<width>) {
    switch (position % 4) {
      case 0:
        return f(std::integral_constant<int, 0>());
      case 1:
        return f(std::integral_constant<int, 1>());
      case 2:
        return f(std::integral_constant<int, 2>());
    }
  }
  f(std::integral_constant<int, 3>());
}

/// What attention_rows() keeps for its backward pass, row by row: a block of factors, 1 / Σ of each
/// head (four times), then for each group of four positions the block of their exponentials.
template <int width, bool fast_exp, class Number, class Pass>
[[gnu::noinline]] void attention_rows(const Pass& pass, const Number* qkv, Number* kept,
                                      Number* y) {
  constexpr int blocks = width / 16;
  using B = Block<Number>;
  // exp(x) = 2^(x log2 e)
  const B scale = B::of(Number(1.4426950408889634 / __builtin_sqrt(width / 4.0)));
  const TooMany<Number> too_many;
  Path path;
  for (int n = 0; n < pass.rows; ++n) {
    const int position = pass.positions[n], groups = path.enter(n, position);
    const Number* const here = qkv + long{n} * 3 * width;
    B q[blocks], scores[4], attended[blocks];
#pragma GCC unroll 8
    for (int b = 0; b < blocks; ++b) {
      q[b] = scale * B::load(here + 16 * b);
      attended[b] = B::of(0);
    }
    // 1. Scores, four positions at a time, and the largest.
    B largest = B::of(Number(-1e30));
    const auto score = [&](int group, auto last) __attribute__((always_inline)) {
      B dot[4];
#pragma GCC unroll 4
      for (int p = 0; p < 4; ++p) {
        dot[p] = B::of(0);
        if (p > last) continue;
        const Number* const k = qkv + path[4 * group + p] * 3 * width + width;
        dot[p] = q[0] * B::load(k);
        for (int b = 1; b < blocks; ++b) {
          dot[p] = B::multiply_add(q[b], B::load(k + 16 * b), dot[p]);
        }
      }
      return sums_of_fours(dot);
    };
    const auto larger = [](auto a, auto b) __attribute__((always_inline)) { return a > b ? a : b; };
    constexpr std::integral_constant<int, 3> whole;
    for (int group = 0; group < groups - 1; ++group) {
      scores[group] = score(group, whole);
      largest = largest.with(scores[group], larger);
    }
    with_last<width>(
        position, [&](auto last) __attribute__((always_inline)) {
          scores[groups - 1] = score(groups - 1, last) +
                               B::load(too_many.mask[exact_groups<width> ? last : position % 4]);
        });
    largest = largest.with(scores[groups - 1], larger);
    largest = largest.map([](auto x) __attribute__((always_inline)) {
      const auto y = swap_lanes<1, Number>(x);
      x = x > y ? x : y;
      const auto z = swap_lanes<2, Number>(x);
      return x > z ? x : z;
    });
    // 2. Exponentials, their sum, and the values they weigh.
    B sum = B::of(0);
    const auto attend = [&](int group, auto last) __attribute__((always_inline)) {
      const B e = (scores[group] - largest).map([](auto x) __attribute__((always_inline)) {
        return power_of_2<fast_exp, Number>(x);
      });
      e.store(kept + 16 * (group + 1));
      sum = sum + e;
      unroll<last + 1>([&](auto p) __attribute__((always_inline)) {
        const Number* const v = qkv + path[4 * group + p] * 3 * width + 2 * width;
        const B weight = spread<p>(e);
#pragma GCC unroll 8
        for (int b = 0; b < blocks; ++b) {
          attended[b] = B::multiply_add(weight, B::load(v + 16 * b), attended[b]);
        }
      });
    };
    for (int group = 0; group < groups - 1; ++group) attend(group, whole);
    with_last<width>(
        position, [&](auto last) __attribute__((always_inline)) { attend(groups - 1, last); });
    // 3. Divided by the sum, all at once.
    const B factor =
        sum.head_sums().map([](auto x) __attribute__((always_inline)) { return 1 / x; });
    factor.store(kept);
#pragma GCC unroll 8
    for (int b = 0; b < blocks; ++b) {
      (factor * attended[b]).store(y + long{n} * width + 16 * b);
    }
    kept += 16 * (groups + 1);
  }
}

/// dv += a g,  da = g · v,  ds = a (da - Σ a da),  dq += ds k / √head_dim,  dk += ds q / √head_dim.
/// Σ a da is Σ a (g · v) = g · Σ a v = g · y: it is known before any da (FlashAttention's trick).
/// \param y     (N, width) what attention gave
/// \param g     (N, width) its gradient
/// \param dqkv  (N, 3 width)
template <int width, class Number, class Pass>
[[gnu::noinline]] void attention_backward_rows(const Pass& pass, const Number* qkv,
                                               const Number* kept, const Number* y, const Number* g,
                                               Number* dqkv) {
  constexpr int blocks = width / 16;
  using B = Block<Number>;
  const B scale = B::of(Number(1 / __builtin_sqrt(width / 4.0)));
  Path path;
  for (int n = 0; n < pass.rows; ++n) {
    const int groups = path.enter(n, pass.positions[n]);
    const long row = long{n} * 3 * width;
    B gradient[blocks], q[blocks], dq[blocks], dot = B::of(0);
#pragma GCC unroll 8
    for (int b = 0; b < blocks; ++b) {
      gradient[b] = B::load(g + long{n} * width + 16 * b);
      dot = B::multiply_add(gradient[b], B::load(y + long{n} * width + 16 * b), dot);
      q[b] = scale * B::load(qkv + row + 16 * b);
      dq[b] = B::of(0);
      if constexpr (!exact_groups<width>) {
        dq[b].store(dqkv + row + width + 16 * b);      // nobody looked at this row before itself
        dq[b].store(dqkv + row + 2 * width + 16 * b);  // (its dk, its dv)
      }
    }
    dot = dot.head_sums();
    const B factor = B::load(kept);
    const auto give_back = [&](int group, auto last, bool last_is_here)
        __attribute__((always_inline)) {
      const B a = factor * B::load(kept + 16 * (group + 1));
      B da[4];
#pragma GCC unroll 4
      for (int p = 0; p < 4; ++p) {
        da[p] = B::of(0);
        if (p > last) continue;
        const Number* const v = qkv + path[4 * group + p] * 3 * width + 2 * width;
        da[p] = gradient[0] * B::load(v);
        for (int b = 1; b < blocks; ++b) {
          da[p] = B::multiply_add(gradient[b], B::load(v + 16 * b), da[p]);
        }
      }
      const B ds = a * (sums_of_fours(da) - dot);
      unroll<last + 1>([&](auto p) __attribute__((always_inline)) {
        const long seen = path[4 * group + p] * 3 * width;
        const B a_p = spread<p>(a), ds_p = spread<p>(ds);
        // Nobody looked at this row before itself: its dk and dv begin here.
        const bool first = last_is_here && p == last;
#pragma GCC unroll 8
        for (int b = 0; b < blocks; ++b) {
          Number* const dk = dqkv + seen + width + 16 * b;
          Number* const dv = dqkv + seen + 2 * width + 16 * b;
          dq[b] = B::multiply_add(ds_p, B::load(qkv + seen + width + 16 * b), dq[b]);
          B::multiply_add(ds_p, q[b], first ? B::of(0) : B::load(dk)).store(dk);
          B::multiply_add(a_p, gradient[b], first ? B::of(0) : B::load(dv)).store(dv);
        }
      });
    };
    constexpr std::integral_constant<int, 3> whole;
    for (int group = 0; group < groups - 1; ++group) give_back(group, whole, false);
    with_last<width>(
        pass.positions[n], [&](auto last) __attribute__((always_inline)) {
          give_back(groups - 1, last, exact_groups<width>);
        });
#pragma GCC unroll 8
    for (int b = 0; b < blocks; ++b) {
      (scale * dq[b]).store(dqkv + row + 16 * b);
    }
    kept += 16 * (groups + 1);
  }
}

}  // namespace
}  // namespace ladder
