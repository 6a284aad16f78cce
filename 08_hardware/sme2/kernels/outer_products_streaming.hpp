#pragma once
/// \file
/// The multiplication itself, for code that is in streaming mode already and has ZA.
///
/// ZA holds four tiles of 32-bit numbers, each `lanes` by `lanes`. `svmopa` (FMOPA) multiplies
/// every lane of one vector with every lane of another and adds the products to a tile. With all
/// four tiles in use, two vectors of A and two of B make four outer products: four numbers loaded
/// for four times as many multiplications as with one tile.

#include <arm_sme.h>
#include <arm_sve.h>

#include "08_hardware/sme2/kernels/outer_products.hpp"

namespace ladder::sme2 {

/// Tile `tile` begins as C's rows from i, columns from j, or as zero.
template <int tile>
[[gnu::always_inline]] inline void begin_tile(const Product& p, Index i, Index j) __arm_streaming
    __arm_inout("za") {
  const Index lanes = static_cast<Index>(svcntw());
  if (!p.add) return svzero_mask_za(0x11u << tile);  // every fourth doubleword row of ZA
  const svbool_t columns = svwhilelt_b32(j, p.n);
  for (Index r = 0; r < lanes && i + r < p.m; ++r) {
    svld1_hor_za32(tile, static_cast<uint32_t>(r), columns, p.c + (i + r) * p.c_stride + j);
  }
}

/// What of tile `tile` lies within C goes there. A slice of a tile is a vector.
template <int tile>
[[gnu::always_inline]] inline void end_tile(const Product& p, Index i, Index j) __arm_streaming
    __arm_inout("za") {
  const Index lanes = static_cast<Index>(svcntw());
  const svbool_t columns = svwhilelt_b32(j, p.n);
  for (Index r = 0; r < lanes && i + r < p.m; ++r) {
    svst1_hor_za32(tile, static_cast<uint32_t>(r), columns, p.c + (i + r) * p.c_stride + j);
  }
}

/// One outer product into a tile.
template <int tile>
[[gnu::always_inline]] inline void outer(svfloat32_t a, svfloat32_t b) __arm_streaming
    __arm_inout("za") {
  svmopa_za32_f32_m(tile, svptrue_b32(), svptrue_b32(), a, b);
}

/// Two tiles down, two across. (A lane that lies outside A or B is loaded as zero.)
inline void two_by_two(const Product& p, Index i, Index j) __arm_streaming __arm_inout("za") {
  const Index lanes = static_cast<Index>(svcntw());
  begin_tile<0>(p, i, j), begin_tile<1>(p, i, j + lanes);
  begin_tile<2>(p, i + lanes, j), begin_tile<3>(p, i + lanes, j + lanes);
  const svcount_t rows = svwhilelt_c32(i, p.m, 2), columns = svwhilelt_c32(j, p.n, 2);
  const float *a_k = p.a + i, *b_k = p.b + j;
  const Index a_stride = p.a_stride, b_stride = p.b_stride;  // kept in registers
  for (Index k = p.k; k > 0; --k, a_k += a_stride, b_k += b_stride) {
    const svfloat32x2_t a = svld1_x2(rows, a_k), b = svld1_x2(columns, b_k);
    outer<0>(svget2(a, 0), svget2(b, 0)), outer<1>(svget2(a, 0), svget2(b, 1));
    outer<2>(svget2(a, 1), svget2(b, 0)), outer<3>(svget2(a, 1), svget2(b, 1));
  }
  end_tile<0>(p, i, j), end_tile<1>(p, i, j + lanes);
  end_tile<2>(p, i + lanes, j), end_tile<3>(p, i + lanes, j + lanes);
}

/// Few rows: four tiles across.
inline void one_by_four(const Product& p, Index i, Index j) __arm_streaming __arm_inout("za") {
  const Index lanes = static_cast<Index>(svcntw());
  begin_tile<0>(p, i, j), begin_tile<1>(p, i, j + lanes);
  begin_tile<2>(p, i, j + 2 * lanes), begin_tile<3>(p, i, j + 3 * lanes);
  const svbool_t rows = svwhilelt_b32(i, p.m);
  const svcount_t columns = svwhilelt_c32(j, p.n, 4);
  const float *a_k = p.a + i, *b_k = p.b + j;
  const Index a_stride = p.a_stride, b_stride = p.b_stride;  // kept in registers
  for (Index k = p.k; k > 0; --k, a_k += a_stride, b_k += b_stride) {
    const svfloat32_t a = svld1(rows, a_k);
    const svfloat32x4_t b = svld1_x4(columns, b_k);
    outer<0>(a, svget4(b, 0)), outer<1>(a, svget4(b, 1));
    outer<2>(a, svget4(b, 2)), outer<3>(a, svget4(b, 3));
  }
  end_tile<0>(p, i, j), end_tile<1>(p, i, j + lanes);
  end_tile<2>(p, i, j + 2 * lanes), end_tile<3>(p, i, j + 3 * lanes);
}

/// Few columns: four tiles down.
inline void four_by_one(const Product& p, Index i, Index j) __arm_streaming __arm_inout("za") {
  const Index lanes = static_cast<Index>(svcntw());
  begin_tile<0>(p, i, j), begin_tile<1>(p, i + lanes, j);
  begin_tile<2>(p, i + 2 * lanes, j), begin_tile<3>(p, i + 3 * lanes, j);
  const svcount_t rows = svwhilelt_c32(i, p.m, 4);
  const svbool_t columns = svwhilelt_b32(j, p.n);
  const float *a_k = p.a + i, *b_k = p.b + j;
  const Index a_stride = p.a_stride, b_stride = p.b_stride;  // kept in registers
  for (Index k = p.k; k > 0; --k, a_k += a_stride, b_k += b_stride) {
    const svfloat32x4_t a = svld1_x4(rows, a_k);
    const svfloat32_t b = svld1(columns, b_k);
    outer<0>(svget4(a, 0), b), outer<1>(svget4(a, 1), b);
    outer<2>(svget4(a, 2), b), outer<3>(svget4(a, 3), b);
  }
  end_tile<0>(p, i, j), end_tile<1>(p, i + lanes, j);
  end_tile<2>(p, i + 2 * lanes, j), end_tile<3>(p, i + 3 * lanes, j);
}

/// A single tile, where C is no larger.
inline void one_by_one(const Product& p, Index i, Index j) __arm_streaming __arm_inout("za") {
  begin_tile<0>(p, i, j);
  const svbool_t rows = svwhilelt_b32(i, p.m), columns = svwhilelt_b32(j, p.n);
  const float *a_k = p.a + i, *b_k = p.b + j;
  const Index a_stride = p.a_stride, b_stride = p.b_stride;  // kept in registers
  for (Index k = p.k; k > 0; --k, a_k += a_stride, b_k += b_stride) {
    outer<0>(svld1(rows, a_k), svld1(columns, b_k));
  }
  end_tile<0>(p, i, j);
}

/// multiply() in streaming mode: block after block of four tiles, shaped after what is left of C.
inline void outer_products(Product p) __arm_streaming __arm_inout("za") {
  const Index lanes = static_cast<Index>(svcntw());
  // 1. Columns that would fill but half of a block: a block of them is one tile wide.
  const Index last = p.n > 0 ? (p.n - 1) / (2 * lanes) * (2 * lanes) : 0;
  if (p.n - last <= lanes) {
    Index i = 0;
    for (; p.m - i > lanes; i += 4 * lanes) four_by_one(p, i, last);
    if (i < p.m) one_by_one(p, i, last);
    p.n = last;
  }
  // 2. The others, and of those the last rows, if they would fill but half.
  Index i = 0;
  for (; p.m - i > lanes; i += 2 * lanes) {
    for (Index j = 0; j < p.n; j += 2 * lanes) two_by_two(p, i, j);
  }
  for (Index j = 0; i < p.m && j < p.n; j += 4 * lanes) one_by_four(p, i, j);
}

}  // namespace ladder::sme2
