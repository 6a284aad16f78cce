#pragma once
/// \file
/// The one product that all of training is made of: C(r, :) = Σ_k A(r, k) B(k, :), a number times a
/// row, added up. With strides for A's rows and columns it is all three of
///
///     y  = x Wᵀ     A = x,   B = Wᵀ, the transposed copy   forward
///     dx = dy W     A = dy,  B = W                         what the inputs get
///     dW = dyᵀ x    A = dyᵀ, B = x                         what the weights get
///
/// A tile of C, some rows by some vectors, stays in registers while k goes its way: a load of A and
/// one of B then serve many multiply-adds, and C is touched once. Unnamed namespace: see
/// kernels.hpp.

#include "09_fast_training/fast/variant.hpp"
#include "09_fast_training/fast/vectors.hpp"

namespace ladder {
namespace {

/// Where a product reads: A(r, k) = a[r * a_row + k * a_k], B(k, :) = b + k * b_k.
template <class Number>
struct Factors {
  const Number* a;
  long a_row, a_k;
  const Number* b;
  long b_k;
  int depth;  ///< values of k
};

/// AVX-512 and AArch64 have 32 registers, the others 16.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr bool many_registers = true;
#else
constexpr bool many_registers = false;
#endif

/// Vectors of a tile, where rows have so many.
constexpr int tile_vectors(int vectors) {
  if (vectors % 3 == 0) return 3;
  if (many_registers && vectors % 4 == 0) return 4;
  return vectors % 2 == 0 ? 2 : 1;
}
/// Rows of a tile so many vectors wide: enough sums to hide the wait for a multiply-add, and no
/// more than there are registers for.
constexpr int tile_rows(int vectors) {
  if (many_registers) return vectors == 1 ? 16 : vectors == 4 ? 4 : 8;
  return vectors == 1 ? 8 : 4;
}

/// One tile. finish(r, v, sum) takes each vector of it, v counted from the tile's first.
template <int rows, int vectors, class Number, class Finish>
[[gnu::always_inline]] inline void tile(Factors<Number> f, const Finish& finish) {
  Vector<Number> sum[rows][vectors] = {};
  for (int k = 0; k < f.depth; ++k) {
    Vector<Number> b[vectors];
    unroll<vectors>([&](auto v) __attribute__((always_inline)) {
      b[v] = load_vector(f.b + v * lanes_of<Number>);
    });
    unroll<rows>([&](auto r) __attribute__((always_inline)) {
      const Vector<Number> a = all(f.a[r * f.a_row]);
      unroll<vectors>([&](auto v) __attribute__((always_inline)) { sum[r][v] += a * b[v]; });
    });
    f.a += f.a_k;
    f.b += f.b_k;
  }
  unroll<rows>([&](auto r) __attribute__((always_inline)) {
    unroll<vectors>([&](auto v) __attribute__((always_inline)) { finish(r, v, sum[r][v]); });
  });
}

/// All rows of a strip of C that is `vectors` vectors wide, in tiles of at most `most` rows; their
/// number is a multiple of 4.
template <int vectors, int most, class Number, class Finish>
[[gnu::always_inline]] inline void strip(const Factors<Number>& f, int rows, const Finish& finish) {
  int row = 0;
  const auto tiles = [&](auto height) __attribute__((always_inline)) {
    for (; row + height <= rows; row += height) {
      Factors<Number> here = f;
      here.a += row * f.a_row;
      tile<height, vectors>(
          here, [&](int r, int v, Vector<Number> sum)
                    __attribute__((always_inline)) { finish(row + r, v, sum); });
    }
  };
  tiles(std::integral_constant<int, most>());
  if constexpr (most > 16) tiles(std::integral_constant<int, 16>());
  if constexpr (most > 8) tiles(std::integral_constant<int, 8>());
  if constexpr (most > 4) tiles(std::integral_constant<int, 4>());
}

/// The same product without registers: a row of sums in memory, each k goes over all of it.
template <bool skip_zeros, class Number, class Finish>
[[gnu::always_inline]] inline void product_in_memory(const Factors<Number>& f, int rows,
                                                     int vectors, const Finish& finish) {
  constexpr int n = lanes_of<Number>;
  Number sums[4 * 128];
  for (int row = 0; row < rows; ++row) {
    for (int i = 0; i < vectors * n; ++i) sums[i] = 0;
    for (int k = 0; k < f.depth; ++k) {
      const Number a = f.a[row * f.a_row + k * f.a_k];
      if (skip_zeros && a == 0) continue;
      for (int i = 0; i < vectors * n; ++i) sums[i] += a * f.b[k * f.b_k + i];
    }
    for (int v = 0; v < vectors; ++v) finish(row, v, load_vector(sums + v * n));
  }
}

/// C, `rows` by `numbers` numbers: finish(r, i, sum) takes the vector of row r that begins at
/// column i.
template <Variant variant, int numbers, class Number, class Finish>
[[gnu::always_inline]] inline void product(const Factors<Number>& f, int rows,
                                           const Finish& finish) {
  constexpr int n = lanes_of<Number>, vectors = numbers / n, wide = tile_vectors(vectors);
  if constexpr (!variant.registers) {
    product_in_memory<variant.skip_zeros>(
        f, rows, vectors, [&](int r, int v, Vector<Number> sum) __attribute__((always_inline)) {
          finish(r, v * n, sum);
        });
  } else {
    for (int first = 0; first < vectors; first += wide) {
      Factors<Number> here = f;
      here.b += first * n;
      strip<wide, tile_rows(wide) * (variant.tall_tiles ? 2 : 1)>(
          here, rows, [&](int r, int v, Vector<Number> sum) __attribute__((always_inline)) {
            finish(r, (first + v) * n, sum);
          });
    }
  }
}

/// The product into a matrix. \param y_row  distance of its rows
template <Variant variant, int numbers, class Number>
LADDER_SHARED inline void product_into(const Factors<Number>& f, int rows, Number* y, long y_row) {
  product<variant, numbers>(
      f, rows, [&](int n, int i, Vector<Number> sum) __attribute__((always_inline)) {
        store_vector<Number>(y + n * y_row + i, sum);
      });
}

/// dW (+)= dyᵀ x, for all rows of the batch. \param dw (out, in) \param add else it is set
template <Variant variant, int in, class Number>
LADDER_SHARED inline void weight_gradient(const Number* dy, long dy_row, const Number* x, int rows,
                                          Number* dw, int out, bool add) {
  product<variant, in>(
      Factors<Number>{dy, 1, dy_row, x, in, rows},
      out, [&](int o, int i, Vector<Number> sum) __attribute__((always_inline)) {
        Number* const to = dw + long{o} * in + i;
        if (add) sum += load_vector(to);
        store_vector<Number>(to, sum);
      });
}

/// Wᵀ (in, out) of W (out, in), a square of vectors at a time. \param to_row  distance of its rows
template <class Number>
LADDER_SHARED inline void transpose_into(const Number* w, int out, int in, Number* to,
                                         long to_row) {
  if constexpr (sizeof(Number) == sizeof(float)) {
    for (int o = 0; o < out; o += lanes) {
      for (int i = 0; i < in; i += lanes) {
        Lanes square[lanes];
        for (int r = 0; r < lanes; ++r) square[r] = load_vector(w + long{o + r} * in + i);
        transpose(square);
        for (int r = 0; r < lanes; ++r) store_vector<float>(to + (i + r) * to_row + o, square[r]);
      }
    }
  } else {
    for (int o = 0; o < out; ++o) {
      for (int i = 0; i < in; ++i) to[i * to_row + o] = w[long{o} * in + i];
    }
  }
}

}  // namespace
}  // namespace ladder
