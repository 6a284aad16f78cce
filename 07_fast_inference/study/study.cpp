#include "07_fast_inference/study/study.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "07_fast_inference/fixed_point/q4_12.hpp"
#include "07_fast_inference/judge/names.hpp"
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

template <std::size_t rows, std::size_t columns>
void round_matrix(float (&weights)[rows][columns], int bits, bool per_row) {
  const float steps = static_cast<float>((1 << (bits - 1)) - 1);
  float largest[rows] = {};
  for (std::size_t i = 0; i < rows; ++i) {
    for (const float weight : weights[i]) largest[i] = std::max(largest[i], std::abs(weight));
  }
  if (!per_row) std::fill(largest, largest + rows, *std::max_element(largest, largest + rows));
  for (std::size_t i = 0; i < rows; ++i) {
    if (largest[i] == 0) continue;
    for (float& weight : weights[i]) {
      weight = std::round(weight / largest[i] * steps) * largest[i] / steps;
    }
  }
}

}  // namespace

MicroGpt round_weights(const MicroGpt& model, int bits, bool per_row) {
  MicroGpt m = model;
  round_matrix(m.wte, bits, per_row);
  round_matrix(m.wpe, bits, per_row);
  round_matrix(m.attn_wq, bits, per_row);
  round_matrix(m.attn_wk, bits, per_row);
  round_matrix(m.attn_wv, bits, per_row);
  round_matrix(m.attn_wo, bits, per_row);
  round_matrix(m.mlp_fc1, bits, per_row);
  round_matrix(m.mlp_fc2, bits, per_row);
  round_matrix(m.lm_head, bits, per_row);
  return m;
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
                                std::uint64_t seed, float temperature) {
  struct Format {
    const char* name;
    std::optional<double> published;
    LogitsOf logits;
  };
  const auto rounded = [&](int bits, bool per_row) {
    return reference_of(round_weights(model, bits, per_row));
  };
  const Format formats[] = {
      {"fp32", 2.2633, reference_of(model)},
      {"Q4.12", 2.2633, fixed_point_of(model, {12, true})},
      {"Q3.13", 2.2633, fixed_point_of(model, {13, true})},
      {"Q4.12, no exponents", {}, fixed_point_of(model, {12, false})},
      {"the same, fitted", {}, fixed_point_of(fit_to_fixed_point(model), {12, false})},
      {"Q3.13, no exponents", {}, fixed_point_of(model, {13, false})},
      {"int8 per tensor", 2.2631, rounded(8, false)},
      {"int4 per tensor", 2.3009, rounded(4, false)},
      {"int4 per row", {}, rounded(4, true)},
      {"int2 per tensor", 3.3499, rounded(2, false)},
  };
  const auto error_of = [&](const LogitsOf& logits) {
    return golden.empty() ? std::nullopt : std::optional(largest_golden_error(logits, golden));
  };
  std::vector<StudyRow> rows;
  std::vector<NameCost> exact;
  for (const Format& format : formats) {
    const auto costs = name_costs(format.logits, held_out);
    if (exact.empty()) exact = costs;
    rows.push_back({.format = format.name,
                    .published = format.published,
                    .largest_error = error_of(format.logits),
                    .first_nll = mean_cost(name_costs(format.logits, first)),
                    .held_out_nll = bootstrap(costs),
                    .difference = bootstrap(costs, exact),
                    .names = write_names(format.logits, seed, temperature, 5)});
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
  fmt::print("{:<20} {:>9}  {:<19}  {}\n", "held out, - fp32", "", "[95%]", "names");
  for (const StudyRow& row : rows) {
    fmt::print("{:<20} {:>+9.5f}  {:+.5f} … {:+.5f}  {}\n", row.format, row.difference.value,
               row.difference.low, row.difference.high, fitting_names(row.names, 26));
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
