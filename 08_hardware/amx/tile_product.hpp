#pragma once
/// \file
/// Products of tiles: of the model's matrices for many streams, and of matrices of any size.

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "08_hardware/amx/tiles.hpp"

namespace ladder {

/// Which instruction multiplies.
enum class TileNumbers { signed_bytes, unsigned_bytes, bfloats };

/// sum += a · b of three tiles, by the instruction for these numbers.
template <TileNumbers numbers, int sum, int a, int b, class Tiles>
[[gnu::always_inline]] inline void multiply_tiles(Tiles& tiles) {
  if constexpr (numbers == TileNumbers::signed_bytes) {
    tiles.template multiply_signed<sum, a, b>();
  } else if constexpr (numbers == TileNumbers::unsigned_bytes) {
    tiles.template multiply_unsigned<sum, a, b>();
  } else {
    tiles.template multiply_bfloats<sum, a, b>();
  }
}

/// out[g][n] = Σ_k in[g][k] · weights[n][k] for four groups of 16 streams. Tiles 0 to 3 are the
/// groups' sums, so that four products run while the first one's sum is waited for; 4 and 5 are
/// inputs, 6 and 7 weights, and the next may be loaded while this one is read.
/// \tparam outs  tiles that the outputs take, 16 in each
/// \tparam ins   tiles that the inputs take
/// \param in  (groups, ins) a stream a row
/// \param weights  (outs, ins) packed
/// \param out  (groups, outs) a stream a row
template <TileNumbers numbers, std::size_t outs, std::size_t ins, std::size_t groups, class Tiles>
[[gnu::always_inline]] inline void multiply_streams(Tiles& tiles,
                                                    const TileMemory (&in)[groups][ins],
                                                    const TileMemory (&weights)[outs][ins],
                                                    TileMemory (&out)[groups][outs]) {
  static_assert(groups == 4);
  const auto of_outputs = [&]<std::size_t n>(std::integral_constant<std::size_t, n>)
      __attribute__((always_inline)) {
    tiles.template zero<0>();
    tiles.template zero<1>();
    tiles.template zero<2>();
    tiles.template zero<3>();
    for (std::size_t k = 0; k < ins; ++k) {
      constexpr int w = 6 + n % 2;
      tiles.template load<w>(weights[n][k]);
      tiles.template load<4>(in[0][k]);
      multiply_tiles<numbers, 0, 4, w>(tiles);
      tiles.template load<5>(in[1][k]);
      multiply_tiles<numbers, 1, 5, w>(tiles);
      tiles.template load<4>(in[2][k]);
      multiply_tiles<numbers, 2, 4, w>(tiles);
      tiles.template load<5>(in[3][k]);
      multiply_tiles<numbers, 3, 5, w>(tiles);
    }
    tiles.template store<0>(out[0][n]);
    tiles.template store<1>(out[1][n]);
    tiles.template store<2>(out[2][n]);
    tiles.template store<3>(out[3][n]);
  };
  [&]<std::size_t... n>(std::index_sequence<n...>) __attribute__((always_inline)) {
    (of_outputs(std::integral_constant<std::size_t, n>()), ...);
  }
  (std::make_index_sequence<outs>());
}

/// sum += a · b, of full tiles, everything from memory: for tests of single instructions.
using MultiplyOnce = void (*)(TileNumbers numbers, const TileMemory& a, const TileMemory& b,
                              TileMemory& sum);

/// A MultiplyOnce.
template <class Tiles>
void multiply_once(TileNumbers numbers, const TileMemory& a, const TileMemory& b, TileMemory& sum) {
  Tiles tiles;
  tiles.configure();
  tiles.template load<0>(sum);
  tiles.template load<1>(a);
  tiles.template load<2>(b);
  switch (numbers) {
    case TileNumbers::signed_bytes:
      multiply_tiles<TileNumbers::signed_bytes, 0, 1, 2>(tiles);
      break;
    case TileNumbers::unsigned_bytes:
      multiply_tiles<TileNumbers::unsigned_bytes, 0, 1, 2>(tiles);
      break;
    case TileNumbers::bfloats:
      multiply_tiles<TileNumbers::bfloats, 0, 1, 2>(tiles);
  }
  tiles.template store<0>(sum);
  tiles.release();
}

/// By the model of the tiles.
void model_multiply_once(TileNumbers numbers, const TileMemory& a, const TileMemory& b,
                         TileMemory& sum);
/// By the instructions; only a machine that passes no_tiles_because() may call it.
void amx_multiply_once(TileNumbers numbers, const TileMemory& a, const TileMemory& b,
                       TileMemory& sum);

/// A product of matrices of any size, tile by tile: c = a · bᵀ. What does not fill a tile is padded
/// with zeros. A plain way to see how large products are made of tiles; no speed is claimed.
/// \param a  (rows, ins), row-major
/// \param b  (outs, ins), row-major
/// \returns c (rows, outs), row-major
template <TileNumbers numbers, class Sum, class A, class B, class Tiles>
std::vector<Sum> tile_product(Tiles& tiles, std::span<const A> a, std::span<const B> b,
                              std::size_t rows, std::size_t outs, std::size_t ins) {
  constexpr std::size_t depth = tile_depth<A>;
  std::vector<Sum> c(rows * outs);
  for (std::size_t r = 0; r < rows; r += tile_rows) {
    for (std::size_t o = 0; o < outs; o += tile_words) {
      const std::size_t n_rows = std::min<std::size_t>(tile_rows, rows - r);
      const std::size_t n_outs = std::min<std::size_t>(tile_words, outs - o);
      tiles.template zero<0>();
      for (std::size_t k = 0; k < ins; k += depth) {
        const std::size_t n_ins = std::min(depth, ins - k);
        TileMemory left = {};
        for (std::size_t i = 0; i < n_rows; ++i) {
          std::memcpy(left.row[i], &a[(r + i) * ins + k], n_ins * sizeof(A));
        }
        const TileMemory right =
            pack_tile<B>(n_outs, n_ins, [&](auto i, auto j) { return b[(o + i) * ins + k + j]; });
        tiles.template load<1>(left);
        tiles.template load<2>(right);
        multiply_tiles<numbers, 0, 1, 2>(tiles);
      }
      TileMemory sums;
      tiles.template store<0>(sums);
      for (std::size_t i = 0; i < n_rows; ++i) {
        std::memcpy(&c[(r + i) * outs + o], sums.row[i], n_outs * sizeof(Sum));
      }
    }
  }
  return c;
}

}  // namespace ladder
