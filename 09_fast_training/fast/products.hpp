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

/// What becomes of a finished vector of C, the one that begins at (r, i): it is put into a matrix
/// whose rows are `row` numbers apart.
template <class Number>
struct Put {
  Number* to;
  long row;
  [[gnu::always_inline]] void operator()(long r, long i, Vector<Number> sum) const {
    store_vector<Number>(to + r * row + i, sum);
  }
};
/// … with another matrix added to it, that of a residual.
template <class Number>
struct PutPlus {
  const Number* plus;
  Number* to;
  long row;
  [[gnu::always_inline]] void operator()(long r, long i, Vector<Number> sum) const {
    store_vector<Number>(to + r * row + i, load_vector(plus + r * row + i) + sum);
  }
};
/// … or zero where it is negative: ReLU.
template <class Number>
struct PutPositive {
  Number* to;
  long row;
  [[gnu::always_inline]] void operator()(long r, long i, Vector<Number> sum) const {
    store_vector<Number>(to + r * row + i, sum > 0 ? sum : Vector<Number>{});
  }
};
/// … or zero where ReLU's result was: its gradient.
template <class Number>
struct PutWherePositive {
  const Number* where;
  Number* to;
  long row;
  [[gnu::always_inline]] void operator()(long r, long i, Vector<Number> sum) const {
    const auto keep = load_vector(where + r * row + i) > 0;
    store_vector<Number>(to + r * row + i, keep ? sum : Vector<Number>{});
  }
};
/// … or is added to what is there, if so asked.
template <class Number>
struct PutOrAdd {
  Number* to;
  long row;
  bool add;
  [[gnu::always_inline]] void operator()(long r, long i, Vector<Number> sum) const {
    Number* const at = to + r * row + i;
    if (add) sum += load_vector(at);
    store_vector<Number>(at, sum);
  }
};

/// One tile, `rows` (a multiple of 4) by `vectors` vectors, its first vector at (first_row,
/// first_number) of C. (Loops are written out by a pragma, which clang knows as well: a function
/// for each turn would take a compiler minutes.)
template <int rows, int vectors, class Number, class Finish>
[[gnu::always_inline]] inline void tile(const Factors<Number>& f, long first_row, long first_number,
                                        const Finish& finish) {
  using V = Vector<Number>;
  constexpr int n = lanes_of<Number>;
  V sum[rows][vectors];
#pragma GCC unroll 32
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) sum[r][v] = V{};
  }
  // A pointer for four rows each: the other three are at once, twice and three times the distance.
  const Number* fours[rows / 4];
#pragma GCC unroll 8
  for (int i = 0; i < rows / 4; ++i) fours[i] = f.a + (first_row + 4 * i) * f.a_row;
  const Number* from_b = f.b + first_number;
  for (int k = 0; k < f.depth; ++k) {
    V b[vectors];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) b[v] = load_vector(from_b + v * n);
#pragma GCC unroll 32
    for (int r = 0; r < rows; ++r) {
      const V a = all(fours[r / 4][r % 4 * f.a_row]);
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) {
        if constexpr (name_multiply_add) {
          sum[r][v] = multiply_add(a, b[v], sum[r][v]);
        } else {
          sum[r][v] += a * b[v];
        }
      }
    }
#pragma GCC unroll 8
    for (int i = 0; i < rows / 4; ++i) fours[i] += f.a_k;
    from_b += f.b_k;
  }
#pragma GCC unroll 32
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) finish(first_row + r, first_number + v * n, sum[r][v]);
  }
}

/// All rows of a strip of C that is `vectors` vectors wide, in tiles of at most `most` rows; their
/// number is a multiple of 4. One function for all widths of the model: distances are not known to
/// the compiler, and need not be.
template <int vectors, int most, class Number, class Finish>
[[gnu::noinline]] void strip(const Factors<Number>& factors, int rows, long first_number,
                             const Finish& how) {
  const Factors<Number> f = factors;  // nobody writes to copies
  const Finish finish = how;
  int row = 0;
  for (; row + most <= rows; row += most) tile<most, vectors>(f, row, first_number, finish);
  if constexpr (most > 16) {
    for (; row + 16 <= rows; row += 16) tile<16, vectors>(f, row, first_number, finish);
  }
  if constexpr (most > 8) {
    for (; row + 8 <= rows; row += 8) tile<8, vectors>(f, row, first_number, finish);
  }
  if constexpr (most > 4) {
    for (; row + 4 <= rows; row += 4) tile<4, vectors>(f, row, first_number, finish);
  }
}

/// The same product without registers: a row of sums in memory, each k goes over all of it.
template <bool skip_zeros, class Number, class Finish>
[[gnu::noinline]] void product_in_memory(const Factors<Number>& f, int rows, int numbers,
                                         const Finish& finish) {
  Number sums[4 * 128];
  for (int row = 0; row < rows; ++row) {
    for (int i = 0; i < numbers; ++i) sums[i] = 0;
    for (int k = 0; k < f.depth; ++k) {
      const Number a = f.a[row * f.a_row + k * f.a_k];
      if (skip_zeros && a == 0) continue;
      for (int i = 0; i < numbers; ++i) sums[i] += a * f.b[k * f.b_k + i];
    }
    for (int i = 0; i < numbers; i += lanes_of<Number>) finish(row, i, load_vector(sums + i));
  }
}

/// C, `rows` by `numbers` numbers: finish(r, i, sum) takes the vector of row r that begins at
/// column i.
template <Variant variant, int numbers, class Number, class Finish>
[[gnu::always_inline]] inline void product(const Factors<Number>& f, int rows,
                                           const Finish& finish) {
  constexpr int n = lanes_of<Number>, vectors = numbers / n, wide = tile_vectors(vectors);
  if constexpr (!variant.registers) {
    product_in_memory<variant.skip_zeros>(f, rows, numbers, finish);
  } else {
    for (int first = 0; first < vectors; first += wide) {
      strip<wide, tile_rows(wide) * (variant.tall_tiles ? 2 : 1)>(f, rows, first * n, finish);
    }
  }
}

/// dW (+)= dyᵀ x, for all rows of the batch. \param dw (out, in) \param add else it is set
template <Variant variant, int in, class Number>
[[gnu::always_inline]] inline void weight_gradient(const Number* dy, long dy_row, const Number* x,
                                                   int rows, Number* dw, int out, bool add) {
  product<variant, in>(Factors<Number>{dy, 1, dy_row, x, in, rows}, out,
                       PutOrAdd<Number>{dw, in, add});
}

/// Wᵀ (in, out) of W (out, in), a square of vectors at a time. \param to_row  distance of its rows
template <class Number>
[[gnu::noinline]] void transpose_into(const Number* w, int out, int in, Number* to, long to_row) {
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
