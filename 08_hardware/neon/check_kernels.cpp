#include "08_hardware/neon/check_kernels.hpp"

#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "08_hardware/neon/training_kernels.hpp"
#include "common/error.hpp"
#include "common/largest.hpp"
#include "common/random.hpp"

namespace ladder::neon {
namespace {

std::vector<float> random_numbers(std::size_t count, Random& random) {
  std::vector<float> numbers(count);
  for (float& number : numbers) number = static_cast<float>(random.normal());
  return numbers;
}

// The largest error of `result` beside start + Σ_k a(i, k) b(k, j) in double precision, in the
// units of check_kernels().
double error_of(std::span<const float> result, std::span<const float> start, std::size_t rows,
                std::size_t columns, std::size_t length,
                const std::function<double(std::size_t, std::size_t)>& a,
                const std::function<double(std::size_t, std::size_t)>& b) {
  double largest = result.size() == rows * columns ? 0 : HUGE_VAL;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      const std::size_t place = i * columns + j;
      double sum = start.empty() ? 0 : static_cast<double>(start[place]), sizes = std::abs(sum);
      for (std::size_t k = 0; k < length; ++k) {
        sum += a(i, k) * b(k, j);
        sizes += std::abs(a(i, k) * b(k, j));
      }
      const double unit = 0x1p-24 * sizes * static_cast<double>(length + 1);
      largest = larger_or_nan(largest, std::abs(static_cast<double>(result[place]) - sum) / unit);
    }
  }
  return largest;
}

void report(const char* kernel, LinearShape shape, double error) {
  fmt::print("{:<16} {:>5} {:>5} {:>5}  {:>9.2g}\n", kernel, shape.rows, shape.in, shape.out,
             error);
  if (!(error <= 1)) {
    throw Error(fmt::format("{} is off by {:.2g} times what rounding explains: please report it",
                            kernel, error));
  }
}

void check_linear(LinearShape shape, Random& random) {
  const auto w = random_numbers(shape.out * shape.in, random);
  const auto x = random_numbers(shape.rows * shape.in, random);
  const auto dy = random_numbers(shape.rows * shape.out, random);
  const auto start = random_numbers(shape.out * shape.in, random);
  // A matrix as a function; `width` is that of a row.
  const auto of = [](const std::vector<float>& m, std::size_t width) {
    return
        [&m, width](std::size_t i, std::size_t j) { return static_cast<double>(m[i * width + j]); };
  };
  const auto turned = [](const std::vector<float>& m, std::size_t width) {
    return
        [&m, width](std::size_t i, std::size_t j) { return static_cast<double>(m[j * width + i]); };
  };
  std::vector<float> y(shape.rows * shape.out, NAN), dx(shape.rows * shape.in, NAN), dw = start;
  linear_forward(shape, w, x, y);
  report("linear_forward", shape,
         error_of(y, {}, shape.rows, shape.out, shape.in, of(x, shape.in), turned(w, shape.in)));
  linear_backward(shape, transposed(shape, w), dy, dx);
  report("linear_backward", shape,
         error_of(dx, {}, shape.rows, shape.in, shape.out, of(dy, shape.out), of(w, shape.in)));
  weight_gradient(shape, dy, x, dw);
  report(
      "weight_gradient", shape,
      error_of(dw, start, shape.out, shape.in, shape.rows, turned(dy, shape.out), of(x, shape.in)));
}

void check_exp() {
  double largest = 0;
  constexpr int points = 1 << 18;
  for (int i = 0; i < points; i += 4) {
    float x[4], y[4];
    for (int lane = 0; lane < 4; ++lane)
      x[lane] = -87 + 175.0f * static_cast<float>(i + lane) / points;
    vst1q_f32(y, fast_exp(vld1q_f32(x)));
    for (int lane = 0; lane < 4; ++lane) {
      const double exact = std::exp(static_cast<double>(x[lane]));
      largest = larger_or_nan(largest, std::abs(static_cast<double>(y[lane]) / exact - 1));
    }
  }
  fmt::print("\nfast_exp, degree 3, from -87 to 88: largest relative error {:.2e}\n", largest);
  if (!(largest <= fast_exp_error)) throw Error("fast_exp is off by more: please report it");
}

}  // namespace

void check_kernels() {
  fmt::print("\ntraining's inner loops beside double precision; error 1 is what rounding may do\n");
  fmt::print("{:<16} {:>5} {:>5} {:>5}  {:>9}\n", "kernel", "rows", "in", "out", "error");
  Random random(42);
  constexpr LinearShape shapes[] = {{16, 16, 48}, {64, 16, 64}, {64, 64, 16}, {33, 16, 27},
                                    {7, 27, 65},  {1, 65, 27},  {5, 3, 2},    {130, 128, 128}};
  for (const LinearShape shape : shapes) check_linear(shape, random);
  check_exp();
}

}  // namespace ladder::neon
