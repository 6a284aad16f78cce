#include "08_hardware/neon/training_kernels.hpp"

#include <algorithm>
#include <stdexcept>

namespace ladder::neon {
namespace {

void check_size(std::size_t size, std::size_t rows, std::size_t columns) {
  if (size != rows * columns)
    throw std::invalid_argument("a matrix has another size than its shape");
}

// c[i][j] = Σ_k a[i][k] b[j][k] for a tile of `high` rows of a and `wide` rows of b: each vector
// that is read from memory is used in as many products as the tile is wide or high.
template <int high, int wide>
void dot_tile(const float* a, const float* b, std::size_t length, float* c, std::size_t c_columns) {
  float32x4_t sum[high][wide];
  for (auto& row : sum) {
    for (float32x4_t& s : row) s = vdupq_n_f32(0);
  }
  std::size_t k = 0;
  for (; k + 4 <= length; k += 4) {
    float32x4_t column[wide];
    for (int j = 0; j < wide; ++j)
      column[j] = vld1q_f32(b + static_cast<std::size_t>(j) * length + k);
    for (int i = 0; i < high; ++i) {
      const float32x4_t row = vld1q_f32(a + static_cast<std::size_t>(i) * length + k);
      for (int j = 0; j < wide; ++j) sum[i][j] = vfmaq_f32(sum[i][j], row, column[j]);
    }
  }
  for (int i = 0; i < high; ++i) {
    for (int j = 0; j < wide; ++j) {
      const auto row = static_cast<std::size_t>(i), column = static_cast<std::size_t>(j);
      float total = vaddvq_f32(sum[i][j]);
      for (std::size_t rest = k; rest < length; ++rest) {
        total += a[row * length + rest] * b[column * length + rest];
      }
      c[row * c_columns + column] = total;
    }
  }
}

// C = A Bᵀ; a: (rows, length), b: (columns, length), c: (rows, columns)
void multiply_by_dots(const float* a, const float* b, float* c, std::size_t rows,
                      std::size_t columns, std::size_t length) {
  std::size_t i = 0;
  const auto row_of_tiles = [&](auto high) {
    std::size_t j = 0;
    for (; j + 4 <= columns; j += 4) {
      dot_tile<high, 4>(a + i * length, b + j * length, length, c + i * columns + j, columns);
    }
    for (; j < columns; ++j) {
      dot_tile<high, 1>(a + i * length, b + j * length, length, c + i * columns + j, columns);
    }
  };
  for (; i + 4 <= rows; i += 4) row_of_tiles(std::integral_constant<int, 4>());
  for (; i < rows; ++i) row_of_tiles(std::integral_constant<int, 1>());
}

// A tile of 4 × 16 of dW, for all rows: 16 registers of sums, 4 of x and 1 of dy.
void gradient_tile(const float* dy, const float* x, float* dw, LinearShape shape) {
  float32x4_t sum[4][4];
  for (std::size_t o = 0; o < 4; ++o) {
    for (std::size_t j = 0; j < 4; ++j) sum[o][j] = vld1q_f32(dw + o * shape.in + 4 * j);
  }
  for (std::size_t r = 0; r < shape.rows; ++r) {
    const float32x4_t four = vld1q_f32(dy + r * shape.out);
    for (std::size_t j = 0; j < 4; ++j) {
      const float32x4_t in = vld1q_f32(x + r * shape.in + 4 * j);
      sum[0][j] = vfmaq_laneq_f32(sum[0][j], in, four, 0);
      sum[1][j] = vfmaq_laneq_f32(sum[1][j], in, four, 1);
      sum[2][j] = vfmaq_laneq_f32(sum[2][j], in, four, 2);
      sum[3][j] = vfmaq_laneq_f32(sum[3][j], in, four, 3);
    }
  }
  for (std::size_t o = 0; o < 4; ++o) {
    for (std::size_t j = 0; j < 4; ++j) vst1q_f32(dw + o * shape.in + 4 * j, sum[o][j]);
  }
}

// What no tile covers: one gradient after another.
void gradient_edge(const float* dy, const float* x, float* dw, LinearShape shape,
                   std::size_t from_out, std::size_t end_out, std::size_t from_in) {
  for (std::size_t o = from_out; o < end_out; ++o) {
    for (std::size_t j = from_in; j < shape.in; ++j) {
      float sum = dw[o * shape.in + j];
      for (std::size_t r = 0; r < shape.rows; ++r)
        sum += dy[r * shape.out + o] * x[r * shape.in + j];
      dw[o * shape.in + j] = sum;
    }
  }
}

}  // namespace

void linear_forward(LinearShape shape, std::span<const float> w, std::span<const float> x,
                    std::span<float> y) {
  check_size(w.size(), shape.out, shape.in);
  check_size(x.size(), shape.rows, shape.in);
  check_size(y.size(), shape.rows, shape.out);
  multiply_by_dots(x.data(), w.data(), y.data(), shape.rows, shape.out, shape.in);
}

std::vector<float> transposed(LinearShape shape, std::span<const float> w) {
  check_size(w.size(), shape.out, shape.in);
  std::vector<float> result(w.size());
  for (std::size_t i = 0; i < shape.out; ++i) {
    for (std::size_t j = 0; j < shape.in; ++j) result[j * shape.out + i] = w[i * shape.in + j];
  }
  return result;
}

void linear_backward(LinearShape shape, std::span<const float> w_t, std::span<const float> dy,
                     std::span<float> dx) {
  linear_forward({shape.rows, shape.out, shape.in}, w_t, dy, dx);
}

void weight_gradient(LinearShape shape, std::span<const float> dy, std::span<const float> x,
                     std::span<float> dw) {
  check_size(dw.size(), shape.out, shape.in);
  check_size(x.size(), shape.rows, shape.in);
  check_size(dy.size(), shape.rows, shape.out);
  std::size_t o = 0;
  for (; o + 4 <= shape.out; o += 4) {
    std::size_t j = 0;
    for (; j + 16 <= shape.in; j += 16) {
      gradient_tile(dy.data() + o, x.data() + j, dw.data() + o * shape.in + j, shape);
    }
    gradient_edge(dy.data(), x.data(), dw.data(), shape, o, o + 4, j);
  }
  gradient_edge(dy.data(), x.data(), dw.data(), shape, o, shape.out, 0);
}

}  // namespace ladder::neon
