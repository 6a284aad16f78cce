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
    store_vector<Number>(s + n, 1 / square_root<Number>(mean));
  }
}

/// y = s x ∘ gain. \param gain  (width), or nullptr for none
template <int width, class Number>
[[gnu::always_inline]] inline void rmsnorm_rows(const Number* x, const Number* gain, int rows,
                                                Number* s, Number* y) {
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
[[gnu::always_inline]] inline void rmsnorm_backward_rows(const Number* x, const Number* s,
                                                         const Number* gain, const Number* dy,
                                                         int rows, Number* dgain, Number* dx) {
  constexpr int blocks = width / 16;
  using B = Block<Number>;
  B gain_sum[blocks];
  for (B& block : gain_sum) block = B::of(0);
  for (int n = 0; n < rows; ++n) {
    const long row = long{n} * width;
    const B scale = B::of(s[n]);
    B normed[blocks], g[blocks], dot = B::of(0);
    unroll<blocks>([&](auto b) __attribute__((always_inline)) {
      normed[b] = scale * B::load(x + row + 16 * b);
      g[b] = B::load(dy + row + 16 * b);
      if (gain) {
        gain_sum[b] = B::multiply_add(g[b], normed[b], gain_sum[b]);
        g[b] = g[b] * B::load(gain + 16 * b);
      }
      dot = B::multiply_add(g[b], normed[b], dot);
    });
    const Vector<Number> sum = dot.sum() * Number(1.0 / width);
    const B mean = dot.map([&](auto) __attribute__((always_inline)) { return sum; });
    unroll<blocks>([&](auto b) __attribute__((always_inline)) {
      B result = scale * (g[b] - normed[b] * mean);
      if (add) result = result + B::load(dx + row + 16 * b);
      result.store(dx + row + 16 * b);
    });
  }
  if (gain) {
    unroll<blocks>([&](auto b) __attribute__((always_inline)) {
      (gain_sum[b] + B::load(dgain + 16 * b)).store(dgain + 16 * b);
    });
  }
}

/// A sum of logarithms: multiplies, and takes one logarithm of many factors. Each is from 1 to 256,
/// so that a hundred of them are a finite double.
class LogSum {
 public:
  /// Adds count · ln(factor).
  [[gnu::always_inline]] void add(double factor, int count) {
    if (count != 1) {
      sum_ += count * __builtin_log(factor);
      return;
    }
    product_ *= factor;
    if (!(product_ < 1e200)) flush();
  }
  [[gnu::always_inline]] double sum() {
    flush();
    return sum_;
  }

 private:
  [[gnu::always_inline]] void flush() {
    sum_ += __builtin_log(product_);
    product_ = 1;
  }
  double sum_ = 0, product_ = 1;
};

/// Cross-entropy of each row's logits with its targets. \returns Σ nats
/// \param backward  replaces the logits by their gradient, (p count - targets) / predictions
/// \param blocks    of 16 logits in a row; a compile-time constant for the usual alphabet
template <bool fast_exp, bool backward, class Number, class Pass, class Blocks>
[[gnu::always_inline]] inline double cross_entropy_rows(const Pass& pass, Blocks blocks) {
  constexpr Number log2_e = Number(1.4426950408889634);
  using B = Block<Number>;
  constexpr int n_lanes = lanes_of<Number>;
  const long row_size = 16 * blocks;
  // -infinity would do as well, but 0 · infinity is no number.
  Number beyond[16];
  for (int i = 0; i < 16; ++i) {
    beyond[i] = 16 * (blocks - 1) + i < pass.vocab_size ? Number(0) : Number(-1e30);
  }
  const B no_letter = B::load(beyond);
  LogSum logs;
  double nats = 0;
  for (int n = 0; n < pass.rows; ++n) {
    Number* const x = pass.logits + n * row_size;
    B most = B::load(x + 16 * (blocks - 1)) + no_letter;
    for (int b = 0; b < blocks - 1; ++b) {
      most = most.with(
          B::load(x + 16 * b),
          [](auto a, auto c) __attribute__((always_inline)) { return a > c ? a : c; });
    }
    Vector<Number> largest = most.part[0];
    for (int i = 1; i < B::parts; ++i) {
      largest = largest > most.part[i] ? largest : most.part[i];
    }
    largest = max_of_all<Number>(largest);

    int count = 0;
    for (int i = pass.first_target[n]; i < pass.first_target[n + 1]; ++i) {
      const Target& target = pass.targets[i];
      count += target.count;
      nats -= target.count * (double(x[target.token]) - double(largest[0]));
    }
    B sum = B::of(0), e[2];
    for (int b = 0; b < blocks; ++b) {
      B here = B::load(x + 16 * b);
      if (b == blocks - 1) here = here + no_letter;
      here = here.map([&](auto part) __attribute__((always_inline)) {
        return power_of_2<fast_exp, Number>((part - largest) * log2_e);
      });
      if (b == blocks - 1) {
        here = here.with(
            no_letter, [](auto p, auto none) __attribute__((always_inline)) {
              return none < 0 ? Vector<Number>{} : p;
            });
      }
      sum = sum + here;
      if (backward && b < 2) e[b] = here;
      if (backward && b >= 2) here.store(x + 16 * b);
    }
    const Vector<Number> total = sum.sum();
    logs.add(double(total[0]), count);
    if constexpr (backward) {
      const Number scale = Number(count / (double(total[0]) * pass.predictions));
      for (int b = 0; b < blocks; ++b) {
        const B here = b < 2 ? e[b] : B::load(x + 16 * b);
        (here * B::of(scale)).store(x + 16 * b);
      }
      for (int i = pass.first_target[n]; i < pass.first_target[n + 1]; ++i) {
        const Target& target = pass.targets[i];
        x[target.token] -= Number(target.count / pass.predictions);
      }
    }
  }
  (void)n_lanes;
  return nats + logs.sum();
}

}  // namespace
}  // namespace ladder
