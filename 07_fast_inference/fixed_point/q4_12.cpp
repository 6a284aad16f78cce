// Fixed point: integers of 16 bits, products and sums of 32, shifts. What a chip does, and slower
// than floating point here, for this processor has both and vectors for both.
#include "07_fast_inference/fixed_point/q4_12.hpp"

#include <algorithm>
#include <cmath>

#include "07_fast_inference/model/ranges.hpp"
#include "common/error.hpp"

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
                                   int exponent) {
  FixedMatrix<rows, columns> result;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      result.weight[i][j] = to_fixed(double{weights[i][j]}, format.fraction - exponent);
    }
  }
  result.exponent = exponent;
  return result;
}

template <std::size_t rows, std::size_t columns>
FixedMatrix<rows, columns> convert(const float (&weights)[rows][columns], FixedFormat format) {
  return convert(weights, format, exponent_for(largest_of(weights), format));
}

template <std::size_t columns>
std::int32_t dot(const std::int16_t (&weights)[columns],
                 const std::array<std::int16_t, columns>& x) {
  std::int32_t sum = 0;
  for (std::size_t j = 0; j < columns; ++j) sum = multiply_accumulate(sum, weights[j], x[j]);
  return sum;
}

// y = W x. A sum has F fraction bits of its weights and F of its inputs, F of which are shifted
// out.
template <std::size_t rows, std::size_t columns>
std::array<std::int16_t, rows> matvec(const FixedMatrix<rows, columns>& w,
                                      const std::array<std::int16_t, columns>& x, int x_exponent,
                                      int y_exponent, int fraction) {
  const int shift = fraction + y_exponent - x_exponent - w.exponent;
  std::array<std::int16_t, rows> y;
  for (std::size_t i = 0; i < rows; ++i) y[i] = narrow(dot(w.weight[i], x), shift);
  return y;
}

}  // namespace

FixedPointEngine::FixedPointEngine(const MicroGpt& m, FixedFormat format) : format_(format) {
  if (m.final_norm) {
    throw UsageError(
        "fixed point runs microGPT's variant only, and these weights have gains; "
        "06_gpt_adam --microgpt trains weights for it");
  }
  const Ranges ranges = measure_ranges(m);
  const auto fit = [&](double largest) { return exponent_for(largest, format); };
  exponent_ = {.embedding = fit(std::max({ranges.embedding, largest_of(m.wte), largest_of(m.wpe)})),
               .residual = fit(ranges.residual),
               .normed = fit(3.999),  // √n_embd is the most a normed vector can have in one place
               .query = fit(ranges.query),
               .key = fit(ranges.key),
               .value = fit(ranges.value),
               .hidden = fit(ranges.hidden),
               .last = fit(std::max(ranges.last, ranges.residual))};
  wte_ = convert(m.wte, format, exponent_.embedding);
  wpe_ = convert(m.wpe, format, exponent_.embedding);
  wq_ = convert(m.attn_wq, format);
  wk_ = convert(m.attn_wk, format);
  wv_ = convert(m.attn_wv, format);
  wo_ = convert(m.attn_wo, format);
  fc1_ = convert(m.mlp_fc1, format);
  fc2_ = convert(m.mlp_fc2, format);
  lm_head_ = convert(m.lm_head, format);
}

void FixedPointEngine::norm(Numbers& x, int exponent, int to_exponent) const {
  std::uint32_t mean = 0;  // at most 16 · 2^26, plus ε
  for (const std::int16_t value : x) {
    mean += static_cast<std::uint32_t>((std::int32_t{value} * value + n_embd / 2) / n_embd);
  }
  mean += static_cast<std::uint32_t>(
      std::floor(std::ldexp(1e-5, 2 * (format_.fraction - exponent)) + 0.5));
  // x and its root have the same exponent, which goes away when one is divided by the other.
  const Scale scale = reciprocal_sqrt(mean, format_.fraction);
  for (std::int16_t& value : x) value = multiply(value, scale, to_exponent);
}

FixedPointEngine::Numbers FixedPointEngine::attend(const Numbers& query, int position) const {
  // A score has 2F fraction bits, an exponent, and is to be divided by √head_dim = 2.
  const int shift = 2 * format_.fraction + 1 - 12 - exponent_.query - exponent_.key;
  Numbers result;
  for (std::size_t head = 0; head < n_embd; head += head_dim) {
    std::int32_t scores[block_size], largest = INT32_MIN;
    for (int t = 0; t <= position; ++t) {
      const Numbers& key = keys_[static_cast<std::size_t>(t)];
      scores[t] = 0;
      for (std::size_t i = head; i < head + head_dim; ++i) {
        scores[t] = multiply_accumulate(scores[t], query[i], key[i]);
      }
      largest = std::max(largest, scores[t]);
    }
    std::uint16_t powers[block_size];  // unsigned Q1.15
    std::uint32_t total = 0;
    for (int t = 0; t <= position; ++t) {
      const auto below = static_cast<std::uint32_t>(std::int64_t{largest} - scores[t]);
      powers[t] = exp_negative(narrow_unsigned(below, shift));
      total += powers[t];
    }
    const Scale scale = reciprocal(total);
    std::int32_t sums[head_dim] = {};
    for (int t = 0; t <= position; ++t) {
      const auto product = std::int64_t{powers[t]} * scale.mantissa;  // below 2^32
      const std::int16_t weight = saturate16(shift_rounded(product, scale.shift - 15));
      const Numbers& value = values_[static_cast<std::size_t>(t)];
      for (std::size_t i = 0; i < head_dim; ++i) {
        sums[i] = multiply_accumulate(sums[i], weight, value[head + i]);
      }
    }
    for (std::size_t i = 0; i < head_dim; ++i) result[head + i] = narrow(sums[i], 15);
  }
  return result;
}

std::array<std::int32_t, vocab_size> FixedPointEngine::sums(Place place) {
  const auto position = static_cast<std::size_t>(place.position);
  const FixedExponents& e = exponent_;
  const int fraction = format_.fraction;
  Numbers x;
  for (std::size_t i = 0; i < n_embd; ++i) {
    x[i] = add_saturated(wte_.weight[place.token][i], wpe_.weight[position][i]);
  }
  norm(x, e.embedding, e.residual);

  // Attention
  Numbers h = x;
  norm(h, e.residual, e.normed);
  const Numbers query = matvec(wq_, h, e.normed, e.query, fraction);
  keys_[position] = matvec(wk_, h, e.normed, e.key, fraction);
  values_[position] = matvec(wv_, h, e.normed, e.value, fraction);
  const Numbers heads = attend(query, place.position);
  const Numbers mixed = matvec(wo_, heads, e.value, e.residual, fraction);
  for (std::size_t i = 0; i < n_embd; ++i) x[i] = add_saturated(x[i], mixed[i]);

  // MLP
  h = x;
  norm(h, e.residual, e.normed);
  auto hidden = matvec(fc1_, h, e.normed, e.hidden, fraction);
  for (std::int16_t& value : hidden) value = std::max<std::int16_t>(value, 0);
  const Numbers down = matvec(fc2_, hidden, e.hidden, e.last, fraction);
  for (std::size_t i = 0; i < n_embd; ++i) {
    x[i] = add_saturated(narrow(x[i], e.last - e.residual), down[i]);
  }

  std::array<std::int32_t, vocab_size> logits;
  for (std::size_t i = 0; i < vocab_size; ++i) logits[i] = dot(lm_head_.weight[i], x);
  return logits;
}

double FixedPointEngine::logit_unit() const {
  return std::ldexp(1.0, lm_head_.exponent + exponent_.last - 2 * format_.fraction);
}

void FixedPointEngine::forward(std::span<const Place> places, std::span<float> logits) {
  last_sums_ = sums(places[0]);
  for (std::size_t i = 0; i < vocab_size; ++i) {
    logits[i] = static_cast<float>(last_sums_[i] * logit_unit());
  }
}

int FixedPointEngine::draw(std::span<const std::int32_t, vocab_size> sums,
                           std::uint32_t random) const {
  const int shift = 2 * format_.fraction - 11 - lm_head_.exponent - exponent_.last;
  const std::int32_t largest = *std::max_element(sums.begin(), sums.end());
  std::uint32_t running[vocab_size], total = 0;
  for (std::size_t i = 0; i < vocab_size; ++i) {
    const auto below = static_cast<std::uint32_t>(std::int64_t{largest} - sums[i]);
    const std::uint32_t z = std::uint32_t{narrow_unsigned(below, shift)} * inverse_temperature_;
    total += exp_negative(narrow_unsigned(z, 9));  // Q5.11 times Q6.10, to Q4.12
    running[i] = total;
  }
  const auto threshold = static_cast<std::uint32_t>(std::uint64_t{random >> 8} * total >> 24);
  return static_cast<int>(
      std::find_if(running, running + bos_token, [&](auto sum) { return sum > threshold; }) -
      running);
}

void FixedPointEngine::prepare() {
  const double inverse = std::floor(1024.0 / static_cast<double>(temperature_) + 0.5);
  inverse_temperature_ = static_cast<std::uint16_t>(std::min(inverse, 65535.0));
}

void FixedPointEngine::write(std::span<std::uint8_t> tokens) {
  for (std::uint8_t& out : tokens) {
    const auto logits = sums(places_[0]);
    next_uniform(random_[0]);  // moves the state on
    const int token = draw(logits, random_[0]);
    out = static_cast<std::uint8_t>(token);
    places_[0] = next_place(places_[0], token);
  }
}

// By the integers, which as floats may have become equal.
int FixedPointEngine::choose(std::span<const float, vocab_size>, std::uint32_t& random) {
  if (temperature_ == 0) {
    const auto largest = std::max_element(last_sums_.begin(), last_sums_.end());
    return static_cast<int>(largest - last_sums_.begin());
  }
  next_uniform(random);  // moves the state on
  return draw(last_sums_, random);
}

std::unique_ptr<Engine> make_q4_12(const MicroGpt& model) {
  return std::make_unique<FixedPointEngine>(model);
}

}  // namespace ladder
