#include "07_fast_inference/fixed_point/fixed_model.hpp"

#include <algorithm>
#include <cmath>

#include "07_fast_inference/fixed_point/fixed_point.hpp"
#include "07_fast_inference/model/ranges.hpp"

namespace ladder {
namespace {

// The smallest exponent from 0 up with which a number of this size fits.
int exponent_for(double largest, FixedFormat format) {
  int exponent = 0;
  if (!format.exponents) return 0;
  while (largest >= std::ldexp(1.0, 15 - format.fraction + exponent)) ++exponent;
  return exponent;
}

template <std::size_t rows, std::size_t columns>
double largest_of(const float (&weights)[rows][columns]) {
  double largest = 0;
  for (const auto& row : weights) {
    for (const float weight : row) largest = std::max(largest, std::abs(double{weight}));
  }
  return largest;
}

template <std::size_t rows, std::size_t columns>
FixedMatrix<rows, columns> convert(const float (&weights)[rows][columns], FixedFormat format,
                                   int exponent, double factor = 1) {
  FixedMatrix<rows, columns> result;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      result.weight[i][j] = to_fixed(factor * double{weights[i][j]}, format.fraction - exponent);
    }
  }
  result.exponent = exponent;
  return result;
}

// What a matrix multiplies: integers from -most to most, or from 0.
struct Inputs {
  std::int64_t most;
  bool negative = true;
};

// Whatever the order, a partial sum lies between the sum of all that can be negative and the sum of
// all that can be positive.
template <std::size_t rows, std::size_t columns>
bool fits_32_bits(const FixedMatrix<rows, columns>& w, Inputs inputs) {
  for (const auto& row : w.weight) {
    std::int64_t positive = 0, negative = 0;
    for (const std::int16_t weight : row) (weight > 0 ? positive : negative) += std::abs(weight);
    const std::int64_t most = inputs.negative ? positive + negative : std::max(positive, negative);
    if (most * inputs.most > INT32_MAX) return false;
  }
  return true;
}

// Converts matrices of one model; takes note if one may leave 32 bits.
class Converter {
 public:
  explicit Converter(FixedFormat format) : format_(format) {}

  template <std::size_t rows, std::size_t columns>
  FixedMatrix<rows, columns> operator()(const float (&weights)[rows][columns], Inputs inputs,
                                        double factor = 1) {
    int exponent = exponent_for(factor * largest_of(weights), format_);
    auto matrix = convert(weights, format_, exponent, factor);
    while (format_.exponents && !ladder::fits_32_bits(matrix, inputs)) {
      matrix = convert(weights, format_, ++exponent, factor);
    }
    fits_ &= ladder::fits_32_bits(matrix, inputs);
    return matrix;
  }

  bool all_fit() const { return fits_; }

 private:
  FixedFormat format_;
  bool fits_ = true;
};

}  // namespace

double FixedModel::logit_unit() const {
  const int input = final_norm ? exponent.normed : exponent.last;
  return std::ldexp(1.0, lm_head.exponent + input - 2 * format.fraction);
}

std::uint32_t FixedModel::norm_epsilon_of(int exponent_of_x) const {
  return static_cast<std::uint32_t>(
      std::floor(std::ldexp(1e-5, 2 * (format.fraction - exponent_of_x)) + 0.5));
}

FixedModel to_fixed_model(const MicroGpt& m, FixedFormat format) {
  FixedModel f;
  f.format = format;
  f.final_norm = m.final_norm;

  // 1. How large do numbers get?
  const Ranges ranges = measure_ranges(m);
  const auto fit = [&](double largest) { return exponent_for(largest, format); };
  const double embedding = std::max({ranges.embedding, largest_of(m.wte), largest_of(m.wpe)});
  FixedExponents& e = f.exponent;
  e = {.embedding = fit(embedding),
       .residual = fit(ranges.residual),
       .normed = fit(3.999),  // √n_embd is the most a normed vector can have in one place
       .query = fit(ladder::largest_of(ranges.query) / 2),
       .key = fit(ladder::largest_of(ranges.key)),
       .value = fit(ladder::largest_of(ranges.value)),
       .hidden = fit(ladder::largest_of(ranges.hidden)),
       .last = fit(std::max(ranges.last, ranges.residual))};
  if (m.final_norm) e.residual = e.embedding = std::max(e.residual, e.embedding);

  // 2. Weights, small enough for sums of 32 bits. A normed number is at most 4 (and a rounding of
  //    its square root), as long as 1e-5 outweighs what the mean of squares loses by rounding.
  const bool safe = f.norm_epsilon_of(e.residual) > 0 && f.norm_epsilon_of(e.last) > 0;
  const double most_normed = std::ldexp(4.002, format.fraction - e.normed);
  const Inputs any{32768}, hidden{32767, false};
  const Inputs normed{safe ? std::min<std::int64_t>(32768, std::lround(most_normed)) : 32768};
  Converter convert_matrix(format);
  f.wte = convert(m.wte, format, e.embedding);
  f.wpe = convert(m.wpe, format, e.embedding);
  f.wq = convert_matrix(m.attn_wq, normed, 0.5);
  f.wk = convert_matrix(m.attn_wk, normed);
  f.wv = convert_matrix(m.attn_wv, normed);
  f.wo = convert_matrix(m.attn_wo, any);
  f.fc1 = convert_matrix(m.mlp_fc1, normed);
  f.fc2 = convert_matrix(m.mlp_fc2, hidden);
  f.lm_head = convert_matrix(m.lm_head, m.final_norm ? normed : any);
  f.fits_32_bits = convert_matrix.all_fit();

  // 3. A sum has F fraction bits of its weights and F of its inputs, F of which are shifted out.
  const int fraction = format.fraction;
  const auto shift = [&](const auto& w, int x, int y) { return fraction + y - x - w.exponent; };
  f.shift = {.query = shift(f.wq, e.normed, e.query),
             .key = shift(f.wk, e.normed, e.key),
             .value = shift(f.wv, e.normed, e.value),
             .score = 2 * fraction - 12 - e.query - e.key,
             .mixed = shift(f.wo, e.value, e.residual),
             .hidden = shift(f.fc1, e.normed, e.hidden),
             .residual = e.last - e.residual,
             .down = shift(f.fc2, e.hidden, e.last),
             .logit = 2 * fraction - 11 - f.lm_head.exponent - (m.final_norm ? e.normed : e.last)};
  return f;
}

namespace {

template <std::size_t rows, std::size_t columns>
void scale(float (&w)[rows][columns], double factor) {
  for (auto& row : w) {
    for (float& weight : row) weight = static_cast<float>(factor * double{weight});
  }
}

// To eight bits: a factor that rounding cannot make another one on another machine.
double factor(double c) {
  int exponent = 0;
  const double mantissa = std::frexp(c, &exponent);
  return std::ldexp(std::round(mantissa * 256), exponent - 8);
}

// Output i of `from` times c, input i of `into` by c.
template <std::size_t width, std::size_t in, std::size_t out>
void exchange(float (&from)[width][in], float (&into)[out][width], std::size_t i, double c) {
  for (float& weight : from[i]) weight = static_cast<float>(c * double{weight});
  for (auto& row : into) row[i] = static_cast<float>(double{row[i]} / c);
}

}  // namespace

MicroGpt fit_to_fixed_point(const MicroGpt& model) {
  constexpr double most = 7.9;    // Q4.12 ends at 8
  constexpr double usual = 6.5;   // other names go further than the 500 that were looked at
  constexpr double none = 1e-30;  // a dimension that is always 0
  MicroGpt m = model;
  const Ranges ranges = measure_ranges(m);

  const double x = m.final_norm ? std::max(ranges.residual, ranges.last) : ranges.embedding;
  const double smaller = std::min(1.0, factor(most / std::max(x, none)));
  scale(m.wte, smaller);
  scale(m.wpe, smaller);
  if (m.final_norm) {
    scale(m.attn_wo, smaller);
    scale(m.mlp_fc2, smaller);
  }
  for (std::size_t i = 0; i < n_embd; ++i) {
    // Queries, which are halved (see FixedModel::wq), and keys get the same range.
    const double q = std::max(ranges.query[i] / 2, none), k = std::max(ranges.key[i], none);
    const double c = factor(std::sqrt(k / q));
    for (float& weight : m.attn_wq[i]) weight = static_cast<float>(c * double{weight});
    for (float& weight : m.attn_wk[i]) weight = static_cast<float>(double{weight} / c);
    exchange(m.attn_wv, m.attn_wo, i,
             std::min(1.0, factor(most / std::max(ranges.value[i], none))));
  }
  for (std::size_t k = 0; k < n_hidden; ++k) {
    if (ranges.hidden[k] <= none) continue;
    exchange(m.mlp_fc1, m.mlp_fc2, k, factor(usual / ranges.hidden[k]));
  }
  return m;
}

}  // namespace ladder
