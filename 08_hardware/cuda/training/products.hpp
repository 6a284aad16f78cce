#pragma once
/// \file
/// Every matrix product of training is one sum with its sides read in other orders:
///
///     C(i, j) = Σ_k left(i, k) right(j, k)
///
///     y  = x Wᵀ      left = rows of x         right = rows of W         k: inputs
///     dx = dy W      left = rows of dy        right = columns of W      k: outputs
///     dW = dyᵀ x     left = columns of dy     right = columns of x      k: positions
///
/// A block makes a tile of 32 by 32 numbers of C. Strips of both sides go through shared memory,
/// where each number that was fetched once is read by 32 sums; a thread keeps eight sums in
/// registers.

#include "08_hardware/cuda/training/sides.hpp"

namespace ladder::gpu {

/// side(i, k) = data[i][k], (…, columns)
struct RowsOf {
  const float* data;
  int columns;
  static constexpr bool k_is_next = true;  ///< neighbours in memory differ in k
  LADDER_HOST_DEVICE float operator()(int i, int k) const { return data[i * columns + k]; }
};

/// side(i, k) = data[k][i], (…, columns)
struct ColumnsOf {
  const float* data;
  int columns;
  static constexpr bool k_is_next = false;
  LADDER_HOST_DEVICE float operator()(int i, int k) const { return data[k * columns + i]; }
};

/// Columns of y = x Wᵀ and of what is done to each number before it is written.
struct Write {
  float* y;
  int columns;
  LADDER_HOST_DEVICE void operator()(int, int i, int j, float sum) const {
    y[i * columns + j] = sum;
  }
};

/// y = add + x Wᵀ
struct WriteAdded {
  float* y;
  int columns;
  const float* add;
  LADDER_HOST_DEVICE void operator()(int, int i, int j, float sum) const {
    y[i * columns + j] = add[i * columns + j] + sum;
  }
};

/// y = max(x Wᵀ, 0)
struct WriteRelu {
  float* y;
  int columns;
  LADDER_HOST_DEVICE void operator()(int, int i, int j, float sum) const {
    y[i * columns + j] = sum > 0 ? sum : 0;
  }
};

/// dx = dy W where relu let something through, else 0
struct WriteWherePositive {
  float* y;
  int columns;
  const float* of;
  LADDER_HOST_DEVICE void operator()(int, int i, int j, float sum) const {
    y[i * columns + j] = of[i * columns + j] > 0 ? sum : 0;
  }
};

/// A part of a gradient: what this chunk of positions adds to it.
struct WritePart {
  float* parts;  ///< (chunks, all)
  int all, at;   ///< parameters of the model, and where this matrix begins
  int columns;
  LADDER_HOST_DEVICE void operator()(int chunk, int i, int j, float sum) const {
    parts[static_cast<long>(chunk) * all + at + i * columns + j] = sum;
  }
};

/// Rows and columns of the tile that a block makes.
inline constexpr int tile_size = 32;
/// Numbers of k that are in shared memory at once.
inline constexpr int strip_size = 16;
/// A strip's row in shared memory: rows begin in different banks, at multiples of 16 bytes.
inline constexpr int strip_row = tile_size + 4;

/// Both sides of a strip, by k.
struct Strips {
  float left[strip_size][strip_row];
  float right[strip_size][strip_row];
};

/// The product as an operation: a tile (of a chunk of k) is an item.
template <class Left, class Right, class Out>
struct Product {
  using Shared = Strips;

  int rows, columns, depth;  ///< of C, and how many k
  int chunk;                 ///< so many k are summed in one item; depth for all
  Left left;
  Right right;
  Out out;

  LADDER_HOST_DEVICE int tiles() const {
    return pieces_of(rows, tile_size) * pieces_of(columns, tile_size);
  }
  /// Tiles of all chunks.
  LADDER_HOST_DEVICE int items() const { return tiles() * pieces_of(depth, chunk); }

  /// One item. A thread has rows 4 a … 4 a + 3 of the tile and columns b and b + 16.
  template <class Block>
  LADDER_DEVICE void operator()(Block& block, int item) const {
    auto& strips = block.template shared<Strips>();
    const int tile = item % tiles(), part = item / tiles();
    const int i0 = tile / pieces_of(columns, tile_size) * tile_size;
    const int j0 = tile % pieces_of(columns, tile_size) * tile_size;
    const int k0 = part * chunk, k1 = k0 + chunk < depth ? k0 + chunk : depth;
    typename Block::template Private<Sums> sums{};

    for (int k = k0; k < k1; k += strip_size) {
      block.each([&](int thread) {
        fetch(left, i0, rows, k, k1, strips.left, thread);
        fetch(right, j0, columns, k, k1, strips.right, thread);
      });
      block.each([&](int thread) {
        Sums& sum = sums[thread];
        const int a = thread / 16 * 4, b = thread % 16;
        LADDER_UNROLL
        for (int s = 0; s < strip_size; ++s) {
          LADDER_UNROLL
          for (int row = 0; row < 4; ++row) {
            sum.of[row][0] += strips.left[s][a + row] * strips.right[s][b];
            sum.of[row][1] += strips.left[s][a + row] * strips.right[s][b + 16];
          }
        }
      });
    }
    block.each([&](int thread) {
      LADDER_UNROLL
      for (int row = 0; row < 4; ++row) {
        LADDER_UNROLL
        for (int half = 0; half < 2; ++half) {
          const int i = i0 + thread / 16 * 4 + row, j = j0 + thread % 16 + 16 * half;
          if (i < rows && j < columns) out(part, i, j, sums[thread].of[row][half]);
        }
      }
    });
  }

 private:
  /// What a thread keeps in registers.
  struct Sums {
    float of[4][2];
  };

  // Neighbouring threads fetch neighbours in memory. Beyond the matrix stand zeros.
  template <class Side>
  static LADDER_DEVICE void fetch(const Side& side, int i0, int i_end, int k0, int k_end,
                                  float (&strip)[strip_size][strip_row], int thread) {
    LADDER_UNROLL
    for (int at = thread; at < tile_size * strip_size; at += block_threads) {
      const int i = Side::k_is_next ? at / strip_size : at % tile_size;
      const int k = Side::k_is_next ? at % strip_size : at / tile_size;
      strip[k][i] = i0 + i < i_end && k0 + k < k_end ? side(i0 + i, k0 + k) : 0;
    }
  }
};

static_assert(tile_size * tile_size == block_threads * 8);

}  // namespace ladder::gpu
