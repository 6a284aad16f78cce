// Fixed point: integers of 16 bits, products and sums of 32, shifts. What a chip does, written as
// the definition reads; q4_12_vectors.cpp does the same fast.
#include "07_fast_inference/fixed_point/q4_12.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace ladder {
namespace {

template <std::size_t columns>
std::int64_t dot(const std::int16_t (&weights)[columns],
                 const std::array<std::int16_t, columns>& x) {
  std::int64_t sum = 0;
  for (std::size_t j = 0; j < columns; ++j) sum += std::int32_t{weights[j]} * x[j];
  return sum;
}

// y ← W x
template <std::size_t rows, std::size_t columns>
std::array<std::int16_t, rows> matvec(const FixedMatrix<rows, columns>& w,
                                      const std::array<std::int16_t, columns>& x, int shift) {
  std::array<std::int16_t, rows> y;
  for (std::size_t i = 0; i < rows; ++i) y[i] = narrow(dot(w.weight[i], x), shift);
  return y;
}

}  // namespace

template <class Integers>
void FixedPointEngine::note(std::string_view name, const Integers& numbers) const {
  if (trace_) trace_(name, std::vector<std::int64_t>(numbers.begin(), numbers.end()));
}

void FixedPointEngine::norm(Numbers& x, int exponent, int to_exponent) const {
  std::int64_t squares = 0;  // at most 16 · 2^30
  for (const std::int16_t value : x) squares += std::int32_t{value} * value;
  const auto mean = static_cast<std::uint32_t>((squares + n_embd / 2) / n_embd);
  // x and its root have the same exponent, which goes away when one is divided by the other.
  const Scale scale =
      reciprocal_sqrt(mean + model_.norm_epsilon_of(exponent), model_.format.fraction);
  for (std::int16_t& value : x) value = multiply(value, scale, to_exponent);
}

FixedPointEngine::Numbers FixedPointEngine::attend(const Numbers& query, int position) const {
  const auto length = static_cast<std::size_t>(position) + 1;
  Numbers result;
  for (std::size_t head = 0; head < n_embd; head += head_dim) {
    std::vector<std::int32_t> scores(length), weights(length), powers(length);  // of each position
    for (std::size_t t = 0; t < length; ++t) {
      std::int64_t score = 0;
      for (std::size_t i = head; i < head + head_dim; ++i) {
        score += std::int32_t{query[i]} * keys_[t][i];
      }
      scores[t] = saturate32(score);
    }
    const std::int64_t largest = *std::max_element(scores.begin(), scores.end());
    std::uint32_t total = 0;
    for (std::size_t t = 0; t < length; ++t) {
      const auto below = static_cast<std::uint32_t>(largest - scores[t]);
      powers[t] = exp_negative(narrow_unsigned(below, model_.shift.score));  // unsigned Q1.15
      total += static_cast<std::uint32_t>(powers[t]);
    }
    const Scale scale = reciprocal(total);
    std::int64_t sums[head_dim] = {};
    for (std::size_t t = 0; t < length; ++t) {
      const std::int64_t product = std::int64_t{powers[t]} * scale.mantissa;  // below 2^32
      weights[t] = saturate16(shift_rounded(product, scale.shift - 15));
      for (std::size_t i = 0; i < head_dim; ++i) sums[i] += weights[t] * values_[t][head + i];
    }
    for (std::size_t i = 0; i < head_dim; ++i) result[head + i] = narrow(sums[i], 15);
    note("s", scores);
    note("p", powers);
    note("w", weights);
  }
  return result;
}

FixedSums FixedPointEngine::sums(Place place) {
  const auto position = static_cast<std::size_t>(place.position);
  const FixedModel& m = model_;
  const FixedExponents& e = m.exponent;
  Numbers x;
  for (std::size_t i = 0; i < n_embd; ++i) {
    x[i] = add_saturated(m.wte.weight[place.token][i], m.wpe.weight[position][i]);
  }
  note("embedding", x);
  if (!m.final_norm) norm(x, e.embedding, e.residual);
  note("x1", x);

  // Attention
  Numbers h = x;
  norm(h, e.residual, e.normed);
  const Numbers query = matvec(m.wq, h, m.shift.query);
  keys_[position] = matvec(m.wk, h, m.shift.key);
  for (std::int16_t& value : keys_[position]) value = std::max<std::int16_t>(value, -32767);
  values_[position] = matvec(m.wv, h, m.shift.value);
  note("h1", h);
  note("q", query);
  note("k", keys_[position]);
  note("v", values_[position]);
  const Numbers heads = attend(query, place.position);
  note("a", heads);
  const Numbers mixed = matvec(m.wo, heads, m.shift.mixed);
  for (std::size_t i = 0; i < n_embd; ++i) x[i] = add_saturated(x[i], mixed[i]);
  note("x2", x);

  // MLP
  h = x;
  norm(h, e.residual, e.normed);
  note("h2", h);
  auto hidden = matvec(m.fc1, h, m.shift.hidden);
  for (std::int16_t& value : hidden) value = std::max<std::int16_t>(value, 0);
  note("u", hidden);
  const Numbers down = matvec(m.fc2, hidden, m.shift.down);
  for (std::size_t i = 0; i < n_embd; ++i) {
    x[i] = add_saturated(narrow(x[i], m.shift.residual), down[i]);
  }
  note("x3", x);
  if (m.final_norm) {
    norm(x, e.last, e.normed);
    note("x4", x);
  }

  FixedSums logits;
  for (std::size_t i = 0; i < vocab_size; ++i) logits[i] = saturate32(dot(m.lm_head.weight[i], x));
  note("logit", logits);
  return logits;
}

void FixedPointBase::forward(std::span<const Place> places, std::span<float> logits) {
  last_sums_ = sums(places[0]);
  for (std::size_t i = 0; i < vocab_size; ++i) {
    logits[i] = static_cast<float>(last_sums_[i] * model_.logit_unit());
  }
}

int FixedPointBase::draw(const FixedSums& sums, std::uint32_t random) const {
  const std::int32_t largest = *std::max_element(sums.begin(), sums.end());
  std::uint32_t running[vocab_size], total = 0;
  for (std::size_t i = 0; i < vocab_size; ++i) {
    const auto below = static_cast<std::uint32_t>(std::int64_t{largest} - sums[i]);
    const std::uint32_t z = narrow_unsigned(below, model_.shift.logit) * inverse_temperature_;
    total += exp_negative(narrow_unsigned(z, 9));  // Q5.11 times Q6.10, to Q4.12
    running[i] = total;
  }
  const auto threshold = static_cast<std::uint32_t>(std::uint64_t{random >> 8} * total >> 24);
  return static_cast<int>(
      std::find_if(running, running + bos_token, [&](auto sum) { return sum > threshold; }) -
      running);
}

void FixedPointBase::prepare() {
  const double inverse = std::floor(1024.0 / static_cast<double>(temperature_) + 0.5);
  inverse_temperature_ = static_cast<std::uint32_t>(std::min(inverse, 65535.0));
}

void FixedPointBase::write(std::span<std::uint8_t> tokens) {
  for (std::uint8_t& out : tokens) {
    const FixedSums logits = sums(places_[0]);
    next_uniform(random_[0]);  // moves the state on
    const int token = draw(logits, random_[0]);
    out = static_cast<std::uint8_t>(token);
    places_[0] = next_place(places_[0], token);
  }
}

// By the integers, which as floats may have become equal.
int FixedPointBase::choose(std::span<const float, vocab_size>, std::uint32_t& random) {
  if (temperature_ == 0) {
    const auto largest = std::max_element(last_sums_.begin(), last_sums_.end());
    return static_cast<int>(largest - last_sums_.begin());
  }
  next_uniform(random);  // moves the state on
  return draw(last_sums_, random);
}

std::unique_ptr<Engine> make_q4_12_plain(const MicroGpt& model) {
  return std::make_unique<FixedPointEngine>(to_fixed_model(fit_to_fixed_point(model)));
}

std::unique_ptr<Engine> make_q4_12(const MicroGpt& model) {
  const FixedModel fixed = to_fixed_model(fit_to_fixed_point(model));
  if (auto vectors = make_fixed_vectors(fixed)) return vectors;
  return std::make_unique<FixedPointEngine>(fixed);
}

}  // namespace ladder
