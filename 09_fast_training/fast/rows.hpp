#pragma once
/// \file
/// What is done to each row by itself: RMSNorm and cross-entropy, forward and backward. The
/// formulas are those of plain_layers.hpp. Unnamed namespace: see kernels.hpp.

#include "09_fast_training/fast/vectors.hpp"
#include "09_fast_training/model/target.hpp"

namespace ladder {
namespace {

/// s(n) = 1 / √(mean(x²) + 1e-5) of each row; rows a multiple of 4, and room for 16 more in `s`.
template <int width, class Number>
[[gnu::always_inline]] inline void rms_scales(const Number* x, int rows, Number* s) {
  for (int n = 0; n < rows; ++n) {
    Block<Number> squares = Block<Number>::of(0);
    for (int i = 0; i < width; i += 16) {
      const auto block = Block<Number>::load(x + long{n} * width + i);
      squares = Block<Number>::multiply_add(block, block, squares);
    }
    s[n] = squares.sum()[0];
  }
  for (int n = 0; n < rows; n += lanes_of<Number>) {  // roots and quotients of many rows at once
    const Vector<Number> mean = load_vector(s + n) * Number(1.0 / width) + Number(1e-5);
    // 1 / √mean; where the squares overflow, no number instead of 0: a run that diverges shows it.
    store_vector<Number>(s + n, square_root<Number>(mean) / mean);
  }
}

/// y = s x ∘ gain. \param gain  (width), or nullptr for none
template <int width, class Number>
[[gnu::noinline]] void rmsnorm_rows(const Number* x, const Number* gain, int rows, Number* s,
                                    Number* y) {
  rms_scales<width>(x, rows, s);
  for (int n = 0; n < rows; ++n) {
    const auto scale = Block<Number>::of(s[n]);
    for (int i = 0; i < width; i += 16) {
      auto block = scale * Block<Number>::load(x + long{n} * width + i);
      if (gain) block = block * Block<Number>::load(gain + i);
      block.store(y + long{n} * width + i);
    }
  }
}

/// dx (+)= s (g - x̂ mean(g ∘ x̂)), g = dy ∘ gain, x̂ = s x; dgain += dy ∘ x̂.
/// \param add  dx is added to; else it is set, and may be dy
template <int width, bool add, class Number>
[[gnu::noinline]] void rmsnorm_backward_rows(const Number* x, const Number* s, const Number* gain,
                                             const Number* dy, int rows, Number* dgain,
                                             Number* dx) {
  constexpr int blocks = width / 16;
  using B = Block<Number>;
  B gain_sum[blocks];
  for (B& block : gain_sum) block = B::of(0);
  for (int n = 0; n < rows; ++n) {
    const long row = long{n} * width;
    const B scale = B::of(s[n]);
    B normed[blocks], g[blocks], dot = B::of(0);
#pragma GCC unroll 8
    for (int b = 0; b < blocks; ++b) {
      normed[b] = scale * B::load(x + row + 16 * b);
      g[b] = B::load(dy + row + 16 * b);
      if (gain) {
        gain_sum[b] = B::multiply_add(g[b], normed[b], gain_sum[b]);
        g[b] = g[b] * B::load(gain + 16 * b);
      }
      dot = B::multiply_add(g[b], normed[b], dot);
    }
    const Vector<Number> sum = dot.sum() * Number(1.0 / width);
    const B mean = dot.map([&](auto) __attribute__((always_inline)) { return sum; });
#pragma GCC unroll 8
    for (int b = 0; b < blocks; ++b) {
      B result = scale * (g[b] - normed[b] * mean);
      if (add) result = result + B::load(dx + row + 16 * b);
      result.store(dx + row + 16 * b);
    }
  }
  if (gain) {
#pragma GCC unroll 8
    for (int b = 0; b < blocks; ++b) {
      (gain_sum[b] + B::load(dgain + 16 * b)).store(dgain + 16 * b);
    }
  }
}

/// Σ count · ln(total) over the rows; totals are from 1 to 256. One logarithm of a product does for
/// many rows: a hundred such factors are a finite double.
template <class Number, class Pass>
[[gnu::noinline]] double sum_of_logs(const Pass& pass, const Number* totals, const int* counts) {
  double sum = 0, product = 1;
  for (int n = 0; n < pass.rows; ++n) {
    if (counts[n] == 1) {
      product *= double(totals[n]);
    } else {
      sum += counts[n] * __builtin_log(double(totals[n]));
    }
    if (n % 100 == 99 || n + 1 == pass.rows) {
      sum += __builtin_log(product);
      product = 1;
    }
  }
  return sum;
}

/// Cross-entropy of each row's logits with its targets. \returns Σ nats, but for sum_of_logs()
/// \param backward  replaces the logits by their gradient, (p count - targets) / predictions
/// \param blocks    of 16 logits in a row; a compile-time constant for the usual alphabet
/// \param totals    (N) Σ exp(logit - largest), is written
/// \param counts    (N) targets of each row, is written
template <bool fast_exp, bool backward, class Number, class Pass, class Blocks>
[[gnu::noinline]] double cross_entropy_rows(const Pass& pass, Blocks blocks, Number* totals,
                                            int* counts) {
  constexpr Number log2_e = Number(1.4426950408889634);
  using B = Block<Number>;
  using V = Vector<Number>;
  const long row_size = 16 * blocks;
  // -infinity would do as well, but 0 · infinity is no number.
  Number beyond[16];
  for (int i = 0; i < 16; ++i) {
    beyond[i] = 16 * (blocks - 1) + i < pass.vocab_size ? Number(0) : Number(-1e30);
  }
  const B no_letter = B::load(beyond);
  const auto larger = [](V a, V b) __attribute__((always_inline)) { return a > b ? a : b; };
  const Number one_prediction = Number(1 / pass.predictions);
  double nats = 0;
  for (int n = 0; n < pass.rows; ++n) {
    Number* const x = pass.logits + n * row_size;
    const B last = B::load(x + 16 * (blocks - 1)) + no_letter;
    B most = last;
    for (int b = 0; b < blocks - 1; ++b) most = most.with(B::load(x + 16 * b), larger);
    V largest = most.part[0];
    for (int i = 1; i < B::parts; ++i) largest = larger(largest, most.part[i]);
    largest = max_of_all<Number>(largest);

    int count = 0;
    Number at_targets = 0;
    for (int i = pass.first_target[n]; i < pass.first_target[n + 1]; ++i) {
      const Target& target = pass.targets[i];
      count += target.count;
      at_targets += Number(target.count) * (largest[0] - x[target.token]);
    }
    nats += double(at_targets);
    counts[n] = count;

    const auto exponential = [&](const B& block) __attribute__((always_inline)) {
      return block.map([&](V part) __attribute__((always_inline)) {
        return power_of_2<fast_exp, Number>((part - largest) * log2_e);
      });
    };
    B e = exponential(last), sum = e;
    if (backward) e.store(x + 16 * (blocks - 1));
    for (int b = 0; b < blocks - 1; ++b) {
      e = exponential(B::load(x + 16 * b));
      if (backward) e.store(x + 16 * b);
      sum = sum + e;
    }
    const V total = sum.sum();
    totals[n] = total[0];
    if constexpr (backward) {
      const V scale = all(Number(count) * one_prediction) / total;
      for (int b = 0; b < blocks; ++b) {
        const auto scaled = [&](V part) __attribute__((always_inline)) { return part * scale; };
        B::load(x + 16 * b).map(scaled).store(x + 16 * b);
      }
      for (int i = pass.first_target[n]; i < pass.first_target[n + 1]; ++i) {
        const Target& target = pass.targets[i];
        x[target.token] -= Number(target.count) * one_prediction;
      }
    }
  }
  return nats;
}

}  // namespace
}  // namespace ladder
