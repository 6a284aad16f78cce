#include "08_hardware/sme2/studies.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "07_fast_inference/model/engine.hpp"
#include "08_hardware/sme2/gradients.hpp"
#include "08_hardware/sme2/kernels/decode.hpp"
#include "08_hardware/sme2/kernels/streaming.hpp"
#include "common/error.hpp"
#include "common/largest.hpp"
#include "common/terminal.hpp"

namespace ladder::sme2 {

namespace {

// What a largest error may be of sums of up to 128 products of numbers below 1/2.
constexpr double bound = 1e-5;

struct Findings {
  std::size_t products = 0, numbers = 0, differ = 0;
  double error = 0;
  std::uint64_t fingerprint = 14695981039346656037u;  // FNV-1a, a number at a time

  void add(float streaming, float plain, double exact) {
    ++numbers;
    error = larger_or_nan(error, std::abs(streaming - exact));
    error = larger_or_nan(error, std::abs(plain - exact));
    differ += std::bit_cast<std::uint32_t>(streaming) != std::bit_cast<std::uint32_t>(plain);
    fingerprint = (fingerprint ^ std::bit_cast<std::uint32_t>(streaming)) * 1099511628211u;
  }
};

class Numbers {
 public:
  std::vector<float> some(Index count) {
    std::vector<float> numbers(static_cast<std::size_t>(count));
    for (float& number : numbers) number = next_uniform(random_) - 0.5f;
    return numbers;
  }

 private:
  std::uint32_t random_ = 1;
};

// What lies between C's rows must stay as it is, so it is looked at as well.
void check_product(Numbers& random, Index m, Index n, Index k, bool add, Findings& findings) {
  const Index gap = 3, stride = n + gap;
  const auto a = random.some(k * (m + gap)), b = random.some(k * stride);
  const auto before = random.some(m * stride);
  auto c = before, plain = before;
  Product product{a.data(), m + gap, b.data(), stride, c.data(), stride, m, n, k, add};
  multiply(product);
  product.c = plain.data();
  multiply_plainly(product);
  for (Index i = 0; i < m; ++i) {
    for (Index j = 0; j < stride; ++j) {
      const auto at = static_cast<std::size_t>(i * stride + j);
      double exact = add || j >= n ? before[at] : 0;
      for (Index t = 0; j < n && t < k; ++t) {
        exact += double{a[static_cast<std::size_t>(t * (m + gap) + i)]} *
                 b[static_cast<std::size_t>(t * stride + j)];
      }
      findings.add(c[at], plain[at], exact);
    }
  }
  ++findings.products;
}

void check_vector(Numbers& random, Index ins, Index outs, bool add, Findings& findings) {
  const auto w = random.some(ins * outs), x = random.some(ins), before = random.some(outs + 1);
  auto y = before, plain = before;
  multiply_vector(w.data(), x.data(), y.data(), ins, outs, add);
  multiply_vector_plainly(w.data(), x.data(), plain.data(), ins, outs, add);
  for (Index i = 0; i <= outs; ++i) {
    const auto at = static_cast<std::size_t>(i);
    double exact = add || i == outs ? before[at] : 0;
    for (Index j = 0; i < outs && j < ins; ++j) {
      exact += double{w[static_cast<std::size_t>(j * outs + i)]} * x[static_cast<std::size_t>(j)];
    }
    findings.add(y[at], plain[at], exact);
  }
  ++findings.products;
}

void print(const char* what, const Findings& found) {
  fmt::print("{:<16} {:>8} {:>8} {:>13.1e} {:>10}  {:016x}\n", what, with_commas(found.products),
             with_commas(found.numbers), found.error, with_commas(found.differ), found.fingerprint);
}

void require_small(double error, double bound) {
  if (!(error <= bound)) {
    throw Error(fmt::format(
        "off by {:.1e}, more than {:.0e}: these kernels are wrong on this machine", error, bound));
  }
}

}  // namespace

void study_matrices() {
  fmt::print("\nstreaming vectors of {} bits: tiles of {} by {} numbers\n\n", 32 * lanes(), lanes(),
             lanes());
  fmt::print("{:<16} {:>8} {:>8} {:>13} {:>10}  {}\n", "", "products", "numbers", "largest error",
             "not NEON's", "fingerprint");
  Numbers random;
  Findings matrices, vectors;
  for (const Index m : {1, 3, 16, 17, 27, 32, 65, 128}) {
    for (const Index n : {1, 16, 17, 27, 48, 64, 65, 128}) {
      for (const Index k : {0, 1, 5, 16}) {
        for (const bool add : {false, true}) check_product(random, m, n, k, add, matrices);
      }
    }
  }
  for (const Index ins : {4, 16, 64, 128}) {
    for (const Index outs : {1, 16, 17, 27, 48, 64, 65, 128}) {
      for (const bool add : {false, true}) check_vector(random, ins, outs, add, vectors);
    }
  }
  print("outer products", matrices);
  print("matrix x vector", vectors);
  require_small(larger_or_nan(matrices.error, vectors.error), bound);
}

void study_gradients() {
  constexpr int positions = block_size;
  fmt::print(
      "\ngradients of the 7 matrices of a name of {} letters: how often streaming mode is\n"
      "entered, and Σ |error| / Σ |gradient|, of the worst matrix\n\n",
      positions);
  fmt::print("{:>5} {:>14} {:>12} {:>10} {:>12}\n", "width", "each position", "each matrix", "once",
             "error");
  for (const int width : {16, 32, 64, 128}) {
    std::uint64_t entries[3];
    double error = 0;
    for (const Way way : {Way::each_position, Way::each_matrix, Way::once}) {
      Gradients gradients(width, positions);
      const std::uint64_t before = times_entered();
      gradients.add(way);
      entries[static_cast<int>(way)] = times_entered() - before;
      error = larger_or_nan(error, gradients.error());
    }
    fmt::print("{:>5} {:>14} {:>12} {:>10} {:>12.1e}\n", width, entries[0], entries[1], entries[2],
               error);
    require_small(error, 1e-6);
  }
}

}  // namespace ladder::sme2
