#include "07_fast_inference/model/ranges.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "07_fast_inference/model/engine.hpp"
#include "common/largest.hpp"
#include "common/sampling.hpp"

namespace ladder {
namespace {

template <std::size_t n>
using Numbers = std::array<double, n>;

template <std::size_t out, std::size_t in>
Numbers<out> matvec(const float (&weights)[out][in], const Numbers<in>& x) {
  Numbers<out> y{};
  for (std::size_t i = 0; i < out; ++i) {
    for (std::size_t j = 0; j < in; ++j) y[i] += static_cast<double>(weights[i][j]) * x[j];
  }
  return y;
}

template <std::size_t n>
void see(double& largest, const Numbers<n>& x) {
  for (const double value : x) largest = larger_or_nan(largest, std::abs(value));
}

template <std::size_t n>
void see(Numbers<n>& largest, const Numbers<n>& x) {
  for (std::size_t i = 0; i < n; ++i) largest[i] = larger_or_nan(largest[i], std::abs(x[i]));
}

double norm_factor(const Numbers<n_embd>& x) {
  double squares = 0;
  for (const double value : x) squares += value * value;
  return 1 / std::sqrt(squares / n_embd + 1e-5);
}

Numbers<n_embd> scaled(Numbers<n_embd> x, double factor) {
  for (double& value : x) value *= factor;
  return x;
}

template <std::size_t n>
void relu(Numbers<n>& x) {
  for (double& value : x) value = std::max(value, 0.0);
}

// One stream of the model that notes what it sees.
class Watched {
 public:
  Watched(const MicroGpt& model, Ranges& ranges) : model_(model), ranges_(ranges) {}

  Logits logits(Place place) {
    const auto p = static_cast<std::size_t>(place.position);
    Numbers<n_embd> x;
    for (std::size_t i = 0; i < n_embd; ++i) {
      x[i] =
          static_cast<double>(model_.wte[place.token][i]) + static_cast<double>(model_.wpe[p][i]);
    }
    see(ranges_.embedding, x);
    if (!model_.final_norm) x = scaled(x, norm_factor(x));
    see(ranges_.residual, x);

    const auto h = scaled(x, norm_factor(x));
    const auto query = matvec(model_.attn_wq, h);
    keys_[p] = matvec(model_.attn_wk, h);
    values_[p] = matvec(model_.attn_wv, h);
    see(ranges_.query, query);
    see(ranges_.key, keys_[p]);
    see(ranges_.value, values_[p]);
    const auto mixed = matvec(model_.attn_wo, attend(query, p));
    for (std::size_t i = 0; i < n_embd; ++i) x[i] += mixed[i];
    see(ranges_.residual, x);

    auto raw = matvec(model_.mlp_fc1, x);
    relu(raw);
    see(ranges_.hidden_raw, raw);
    auto hidden = matvec(model_.mlp_fc1, scaled(x, norm_factor(x)));
    relu(hidden);
    see(ranges_.hidden, hidden);
    const auto down = matvec(model_.mlp_fc2, hidden);
    for (std::size_t i = 0; i < n_embd; ++i) x[i] += down[i];
    see(ranges_.last, x);
    if (model_.final_norm) x = scaled(x, norm_factor(x));

    const auto result = matvec(model_.lm_head, x);
    Logits logits;
    for (std::size_t i = 0; i < vocab_size; ++i) logits[i] = static_cast<float>(result[i]);
    return logits;
  }

 private:
  Numbers<n_embd> attend(const Numbers<n_embd>& query, std::size_t position) {
    Numbers<n_embd> result{};
    for (std::size_t head = 0; head < n_embd; head += head_dim) {
      Numbers<block_size> weights{};
      for (std::size_t t = 0; t <= position; ++t) {
        for (std::size_t i = head; i < head + head_dim; ++i) {
          weights[t] += query[i] * keys_[t][i] / 2;
        }
      }
      const double largest = *std::max_element(weights.begin(), weights.begin() + position + 1);
      double total = 0;
      for (std::size_t t = 0; t <= position; ++t) {
        total += weights[t] = std::exp(weights[t] - largest);
      }
      for (std::size_t t = 0; t <= position; ++t) {
        for (std::size_t i = head; i < head + head_dim; ++i) {
          result[i] += weights[t] / total * values_[t][i];
        }
      }
    }
    see(ranges_.attention, result);
    return result;
  }

  const MicroGpt& model_;
  Ranges& ranges_;
  Numbers<n_embd> keys_[block_size], values_[block_size];
};

}  // namespace

Ranges measure_ranges(const MicroGpt& model) {
  Ranges ranges;
  Watched watched(model, ranges);
  // What depends on token and position alone: all there is.
  for (int token = 0; token < vocab_size; ++token) {
    for (int position = 0; position < block_size; ++position) watched.logits({token, position});
  }
  // What depends on a context: names as the model writes them.
  std::uint32_t random = first_random_state(1);
  for (int names = 0; names < 500;) {
    Place place;
    do {
      place = next_place(place, sample_token(watched.logits(place), 1, next_uniform(random)));
    } while (place.position != 0);
    ++names;
  }
  return ranges;
}

}  // namespace ladder
