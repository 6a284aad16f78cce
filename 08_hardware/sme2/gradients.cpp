#include "08_hardware/sme2/gradients.hpp"

#include <cmath>

#include "07_fast_inference/model/engine.hpp"
#include "common/largest.hpp"

namespace ladder::sme2 {

namespace {

std::vector<float> random_numbers(std::size_t count, std::uint32_t& random) {
  std::vector<float> numbers(count);
  for (float& number : numbers) number = next_uniform(random) - 0.5f;
  return numbers;
}

}  // namespace

Gradients::Gradients(int width, int positions) : positions_(positions) {
  std::uint32_t random = 1;
  const auto add = [&](int outs, int ins) {
    const auto numbers = [&](int each) {
      return random_numbers(static_cast<std::size_t>(positions * each), random);
    };
    matrices_.push_back({outs, ins, numbers(outs), numbers(ins),
                         std::vector<float>(static_cast<std::size_t>(outs * ins))});
  };
  for (int i = 0; i < 4; ++i) add(width, width);  // queries, keys, values, wo
  add(4 * width, width);                          // mlp_fc1
  add(width, 4 * width);                          // mlp_fc2
  add(vocab_size, width);                         // lm_head
}

Product Gradients::product(Matrix& matrix) const {
  return {matrix.d_out.data(), matrix.outs, matrix.in.data(), matrix.ins, matrix.d_w.data(),
          matrix.ins,          matrix.outs, matrix.ins,       positions_, true};
}

void Gradients::add(Way way) {
  std::vector<Product> products;
  for (Matrix& matrix : matrices_) products.push_back(product(matrix));
  if (way == Way::once) return multiply_all(products);
  for (Product& each : products) {
    if (way == Way::each_matrix) {
      multiply(each);
      continue;
    }
    each.k = 1;
    for (int t = 0; t < positions_; ++t, each.a += each.a_stride, each.b += each.b_stride) {
      multiply(each);
    }
  }
}

void Gradients::add_plainly() {
  for (Matrix& matrix : matrices_) multiply_plainly(product(matrix));
}

double Gradients::error() const {
  double worst = 0;
  for (const Matrix& matrix : matrices_) {
    double off = 0, size = 0;
    for (int i = 0; i < matrix.outs; ++i) {
      for (int j = 0; j < matrix.ins; ++j) {
        double exact = 0;
        for (int t = 0; t < positions_; ++t) {
          exact += double{matrix.d_out[static_cast<std::size_t>(t * matrix.outs + i)]} *
                   matrix.in[static_cast<std::size_t>(t * matrix.ins + j)];
        }
        off += std::abs(exact - matrix.d_w[static_cast<std::size_t>(i * matrix.ins + j)]);
        size += std::abs(exact);
      }
    }
    worst = larger_or_nan(worst, off / size);
  }
  return worst;
}

std::int64_t Gradients::multiply_adds() const {
  std::int64_t sum = 0;
  for (const Matrix& matrix : matrices_) sum += std::int64_t{matrix.outs} * matrix.ins * positions_;
  return sum;
}

}  // namespace ladder::sme2
