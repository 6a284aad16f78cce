#include <cstring>

#include "08_hardware/sme2/kernels/decode.hpp"
#include "08_hardware/sme2/kernels/outer_products.hpp"

namespace ladder::sme2 {

namespace {

// A register of every 64-bit Arm; the compiler's own kind of vector, so that this needs no
// intrinsics.
using Four [[gnu::vector_size(16)]] = float;

Four load(const float* from) {
  Four four;
  std::memcpy(&four, from, sizeof four);
  return four;
}

// An 8 by 8 block of C: 16 of the 32 registers hold sums. Two registers of A and two of B serve 16
// multiplications, of four numbers each.
void block(const Product& p, Index i, Index j) {
  Four sum[8][2] = {};
  for (Index r = 0; p.add && r < 8; ++r) {
    for (Index v = 0; v < 2; ++v) sum[r][v] = load(p.c + (i + r) * p.c_stride + j + 4 * v);
  }
  const float *a = p.a + i, *b = p.b + j;
  for (Index k = 0; k < p.k; ++k, a += p.a_stride, b += p.b_stride) {
    const Four in[2] = {load(a), load(a + 4)}, across[2] = {load(b), load(b + 4)};
    for (int r = 0; r < 8; ++r) {
      for (int v = 0; v < 2; ++v) sum[r][v] += in[r / 4][r % 4] * across[v];
    }
  }
  for (Index r = 0; r < 8; ++r) std::memcpy(p.c + (i + r) * p.c_stride + j, sum[r], sizeof sum[r]);
}

// What is left at the edges.
void number(const Product& p, Index i, Index j) {
  float& c = p.c[i * p.c_stride + j];
  float sum = p.add ? c : 0;
  for (Index k = 0; k < p.k; ++k) sum += p.a[k * p.a_stride + i] * p.b[k * p.b_stride + j];
  c = sum;
}

// Numbers i … i + 4 · fours - 1 of y.
template <int fours>
void outputs(const float* w, const float* x, float* y, Index ins, Index outs, bool add, Index i) {
  Four sum[fours] = {};
  for (int v = 0; add && v < fours; ++v) sum[v] = load(y + i + 4 * v);
  const float* row = w + i;
  for (Index j = 0; j < ins; j += 4, row += 4 * outs) {
    const Four in = load(x + j);
    for (int r = 0; r < 4; ++r) {
      for (int v = 0; v < fours; ++v) sum[v] += in[r] * load(row + r * outs + 4 * v);
    }
  }
  std::memcpy(y + i, sum, sizeof sum);
}

}  // namespace

void multiply_vector_plainly(const float* w, const float* x, float* y, Index ins, Index outs,
                             bool add) {
  Index i = 0;
  for (; i + 32 <= outs; i += 32) outputs<8>(w, x, y, ins, outs, add, i);
  for (; i + 16 <= outs; i += 16) outputs<4>(w, x, y, ins, outs, add, i);
  for (; i + 4 <= outs; i += 4) outputs<1>(w, x, y, ins, outs, add, i);
  for (; i < outs; ++i) {
    float sum = add ? y[i] : 0;
    for (Index j = 0; j < ins; ++j) sum += w[j * outs + i] * x[j];
    y[i] = sum;
  }
}

void multiply_plainly(const Product& product) {
  const Index m = product.m / 8 * 8, n = product.n / 8 * 8;
  for (Index i = 0; i < m; i += 8) {
    for (Index j = 0; j < n; j += 8) block(product, i, j);
  }
  for (Index i = 0; i < product.m; ++i) {
    for (Index j = i < m ? n : 0; j < product.n; ++j) number(product, i, j);
  }
}

}  // namespace ladder::sme2
