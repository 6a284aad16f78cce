#include "07_fast_inference/study/study.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "07_fast_inference/fixed_point/q4_12.hpp"
#include "07_fast_inference/judge/names.hpp"
#include "common/program.hpp"
#include "common/progress.hpp"
#include "common/random.hpp"
#include "common/results.hpp"
#include "common/sampling.hpp"

namespace ladder {
namespace {

LogitsOf reference_of(const MicroGpt& model) {
  const auto reference = std::make_shared<Reference>(model);
  return [reference](Place place) { return reference->logits(place.token, place.position); };
}

LogitsOf fixed_point_of(const MicroGpt& model, FixedFormat format) {
  const auto engine = std::make_shared<FixedPointEngine>(model, format);
  return [engine, logits = logits_of(*engine)](Place place) { return logits(place); };
}

std::vector<std::string> write_names(const LogitsOf& logits_of, std::uint64_t seed,
                                     float temperature, std::size_t count) {
  std::uint32_t random = first_random_state(seed);
  std::vector<std::string> names(count);
  for (std::string& name : names) {
    Place place;
    do {
      const auto exact = logits_of(place);
      Logits logits;
      std::copy(exact.begin(), exact.end(), logits.begin());
      const float u = next_uniform(random);
      const int token =
          temperature > 0 ? sample_token(logits, temperature, u) : most_likely_token(logits);
      if (token != bos_token) name += static_cast<char>('a' + token);
      place = next_place(place, token);
    } while (place.position != 0);
  }
  return names;
}

// Calls f with each matrix of the model, a float[rows][columns].
template <class Model, class F>
void for_each_matrix(Model& m, const F& f) {
  f(m.wte), f(m.wpe), f(m.attn_wq), f(m.attn_wk), f(m.attn_wv), f(m.attn_wo);
  f(m.mlp_fc1), f(m.mlp_fc2), f(m.lm_head);
}

float largest_of(std::span<const float> weights) {
  float largest = 0;
  for (const float weight : weights) largest = std::max(largest, std::abs(weight));
  return largest;
}

template <std::size_t rows, std::size_t columns>
void round_matrix(float (&weights)[rows][columns], int bits, std::size_t group) {
  const float steps = static_cast<float>((1 << (bits - 1)) - 1);
  const std::span<float> all(weights[0], rows * columns);
  const std::size_t size = group == whole_matrix ? all.size() : std::min(group, columns);
  for (std::size_t start = 0; start < all.size(); start += size) {
    const auto shared = all.subspan(start, std::min(size, all.size() - start));
    const float largest = largest_of(shared);
    if (largest == 0) continue;
    for (float& weight : shared) weight = std::round(weight / largest * steps) * largest / steps;
  }
}

}  // namespace

MicroGpt round_weights(const MicroGpt& model, int bits, std::size_t group) {
  MicroGpt m = model;
  for_each_matrix(m, [&](auto& weights) { round_matrix(weights, bits, group); });
  return m;
}

std::size_t bytes_of_weights(double bits, std::size_t group) {
  const MicroGpt m{};
  std::size_t weights = 0, scales = 0;
  for_each_matrix(m, [&](const auto& matrix) {
    constexpr std::size_t size = sizeof matrix / sizeof(float);
    weights += size;
    scales += group == whole_matrix ? 1 : size / std::min(group, sizeof matrix[0] / sizeof(float));
  });
  return static_cast<std::size_t>(std::ceil(static_cast<double>(weights) * bits / 8)) +
         sizeof(float) * scales;
}

std::vector<NameCost> name_costs(const LogitsOf& logits_of, std::span<const Tokens> names) {
  std::vector<NameCost> costs;
  for (const Tokens& name : names) {
    NameCost cost;
    int token = bos_token;
    for (std::size_t t = 0; t <= name.size() && t < block_size; ++t) {
      const auto logits = logits_of({token, static_cast<int>(t)});
      const double largest = *std::max_element(logits.begin(), logits.end());
      double total = 0;
      for (const double logit : logits) total += std::exp(logit - largest);
      token = t < name.size() ? name[t] : bos_token;
      cost.nats += std::log(total) + largest - logits[static_cast<std::size_t>(token)];
      ++cost.predictions;
    }
    costs.push_back(cost);
  }
  return costs;
}

double mean_cost(std::span<const NameCost> costs) {
  double nats = 0, predictions = 0;
  for (const NameCost& cost : costs) {
    nats += cost.nats;
    predictions += cost.predictions;
  }
  return nats / predictions;
}

Estimate bootstrap(std::span<const NameCost> costs, std::span<const NameCost> other, int rounds,
                   std::uint64_t seed) {
  Random random(seed);
  std::vector<double> results;
  for (int round = 0; round < rounds; ++round) {
    double nats = 0, predictions = 0;
    for (std::size_t i = 0; i < costs.size(); ++i) {
      const auto drawn = static_cast<std::size_t>(random.below(costs.size()));
      nats += costs[drawn].nats - (other.empty() ? 0 : other[drawn].nats);
      predictions += costs[drawn].predictions;
    }
    results.push_back(nats / predictions);
  }
  std::sort(results.begin(), results.end());
  const std::size_t tail = results.size() / 40;  // 2.5%
  return {mean_cost(costs) - (other.empty() ? 0 : mean_cost(other)), results[tail],
          results[results.size() - 1 - tail]};
}

std::vector<StudyRow> run_study(const MicroGpt& model, const std::string& golden,
                                std::span<const Tokens> first, std::span<const Tokens> held_out,
                                std::span<const TrainedWeights> trained, std::uint64_t seed,
                                float temperature, bool quiet) {
  struct Format {
    std::string name;
    std::size_t bytes;
    std::optional<double> published;
    LogitsOf logits;
  };
  const auto rounded = [&](std::string name, int bits, std::size_t group,
                           std::optional<double> published = {}) {
    return Format{std::move(name), bytes_of_weights(bits, group), published,
                  reference_of(round_weights(model, bits, group))};
  };
  constexpr std::size_t fp32 = 4 * 4192, words = 2 * 4192;  // bytes
  std::vector<Format> formats = {
      {"fp32", fp32, 2.2633, reference_of(model)},
      {"Q4.12", words, 2.2633, fixed_point_of(model, {12, true})},
      {"Q3.13", words, 2.2633, fixed_point_of(model, {13, true})},
      {"Q4.12, no exponents", words, {}, fixed_point_of(model, {12, false})},
      {"the same, fitted", words, {}, fixed_point_of(fit_to_fixed_point(model), {12, false})},
      {"Q3.13, no exponents", words, {}, fixed_point_of(model, {13, false})},
      rounded("int8 per tensor", 8, whole_matrix, 2.2631),
      rounded("int4 per tensor", 4, whole_matrix, 2.3009),
      rounded("int4 per row", 4, whole_row),
      rounded("int4 per 16 weights", 4, 16),
      rounded("int4 per 8 weights", 4, 8),
      rounded("int2 per tensor", 2, whole_matrix, 3.3499),
  };
  for (const auto& [name, bits, weights] : trained) {
    formats.push_back({name, bytes_of_weights(bits, whole_row), {}, reference_of(weights)});
  }
  const auto error_of = [&](const LogitsOf& logits) {
    return golden.empty() ? std::nullopt : std::optional(largest_golden_error(logits, golden));
  };
  std::vector<StudyRow> rows;
  std::vector<NameCost> exact;
  Progress progress("07_quantization_study", std::ssize(formats), quiet);
  for (const Format& format : formats) {
    if (interrupted()) break;
    const auto costs = name_costs(format.logits, held_out);
    if (exact.empty()) exact = costs;
    rows.push_back({.format = format.name,
                    .bytes = format.bytes,
                    .published = format.published,
                    .largest_error = error_of(format.logits),
                    .first_nll = mean_cost(name_costs(format.logits, first)),
                    .held_out_nll = bootstrap(costs),
                    .difference = bootstrap(costs, exact),
                    .names = write_names(format.logits, seed, temperature, 5)});
    progress.update(std::ssize(rows), rows.back().held_out_nll.value);
  }
  return rows;
}

// Two tables, for 80 columns: how good each format is, and how far from fp32.
void print_study(std::span<const StudyRow> rows) {
  const auto or_dash = [](const char* format, const std::optional<double>& value) {
    return value ? fmt::format(fmt::runtime(format), *value) : "-";
  };
  fmt::print("{:<20} {:>9} {:>9} {:>9}  {:<15} {:>7}\n", "NLL", "max error", "first 500",
             "held out", "[95%]", "TALOS");
  for (const StudyRow& row : rows) {
    fmt::print("{:<20} {:>9} {:>9.4f} {:>9.4f}  {:.4f}–{:.4f} {:>7}\n", row.format,
               or_dash("{:.1e}", row.largest_error), row.first_nll, row.held_out_nll.value,
               row.held_out_nll.low, row.held_out_nll.high, or_dash("{:.4f}", row.published));
  }
  fmt::print("TALOS: as published for TALOS-V2, with its own weights; compare within it only\n\n");
  fmt::print("{:<20} {:>6} {:>9}  {:<19}  {}\n", "held out, - fp32", "bytes", "", "[95%]", "names");
  for (const StudyRow& row : rows) {
    fmt::print("{:<20} {:>6} {:>+9.5f}  {:+.5f} … {:+.5f}  {}\n", row.format,
               fmt::group_digits(row.bytes), row.difference.value, row.difference.low,
               row.difference.high, fitting_names(row.names, 19));
  }
}

nlohmann::json to_json(std::span<const StudyRow> rows) {
  nlohmann::json list = nlohmann::json::array();
  const auto estimate = [](const Estimate& e) {
    return nlohmann::json{{"value", e.value}, {"low", e.low}, {"high", e.high}};
  };
  const auto or_null = [](const std::optional<double>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json();
  };
  for (const StudyRow& row : rows) {
    list.push_back({{"format", row.format},
                    {"bytes", row.bytes},
                    {"largest_error", or_null(row.largest_error)},
                    {"nll_first_500", row.first_nll},
                    {"nll_held_out", estimate(row.held_out_nll)},
                    {"difference_from_fp32", estimate(row.difference)},
                    {"published_nll_talos_weights", or_null(row.published)},
                    {"names", row.names}});
  }
  return list;
}

}  // namespace ladder
