#include "07_fast_inference/study.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "07_fast_inference/q4_12.hpp"
#include "07_fast_inference/reference.hpp"
#include "common/error.hpp"
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
  return [engine](Place place) {
    const Logits logits = engine->logits(place.token, place.position);
    std::array<double, vocab_size> result;
    std::copy(logits.begin(), logits.end(), result.begin());
    return result;
  };
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

double largest_golden_error(const LogitsOf& logits_of, const std::string& path) {
  double largest = 0;
  try {
    const auto golden = read_json(path);
    for (const auto& entry : golden.at("names")) {
      const Tokens name = Tokenizer::canonical().encode(entry.at("name").get<std::string>());
      const auto& expected = entry.at("logits");
      Place place;
      for (std::size_t t = 0; t < expected.size(); ++t) {
        const auto logits = logits_of(place);
        for (std::size_t i = 0; i < vocab_size; ++i) {
          largest = std::max(largest, std::abs(logits[i] - expected.at(t).at(i).get<double>()));
        }
        if (t < name.size()) place = {name[t], static_cast<int>(t) + 1};
      }
    }
  } catch (const nlohmann::json::exception&) {
    throw Error(fmt::format("{} holds no golden logits; 06_gpt_adam writes them", path));
  }
  return largest;
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
      {"Q3.13, no exponents", {}, fixed_point_of(model, {13, false})},
      {"int8 per tensor", 2.2631, rounded(8, false)},
      {"int4 per tensor", 2.3009, rounded(4, false)},
      {"int4 per row", {}, rounded(4, true)},
      {"int2 per tensor", 3.3499, rounded(2, false)},
  };
  std::vector<StudyRow> rows;
  std::vector<NameCost> exact;
  for (const Format& format : formats) {
    const auto costs = name_costs(format.logits, held_out);
    if (exact.empty()) exact = costs;
    rows.push_back({.format = format.name,
                    .published = format.published,
                    .largest_error =
                        golden.empty() ? std::nan("") : largest_golden_error(format.logits, golden),
                    .first_nll = mean_cost(name_costs(format.logits, first)),
                    .held_out_nll = bootstrap(costs),
                    .difference = bootstrap(costs, exact),
                    .names = write_names(format.logits, seed, temperature, 5)});
  }
  return rows;
}

void print_study(std::span<const StudyRow> rows) {
  fmt::print("{:<20} {:>9} {:>9} {:>8}  {:<15} {:>9}  {:<19} {:>7}  {}\n", "format", "max error",
             "first 500", "held out", "[95%]", "- fp32", "[95%]", "TALOS", "names");
  for (const StudyRow& row : rows) {
    std::string names;
    for (const std::string& name : row.names) names += name + " ";
    fmt::print(
        "{:<20} {:>9.1e} {:>9.4f} {:>8.4f}  {:.4f}–{:.4f}  {:>+9.5f}  {:+.5f} … {:+.5f} {:>7}  "
        "{}\n",
        row.format, row.largest_error, row.first_nll, row.held_out_nll.value, row.held_out_nll.low,
        row.held_out_nll.high, row.difference.value, row.difference.low, row.difference.high,
        row.published ? fmt::format("{:.4f}", *row.published) : "-", names);
  }
  fmt::print(
      "\nTALOS: NLL as published for TALOS-V2, with its own weights; compare within that column "
      "only.\n");
}

nlohmann::json to_json(std::span<const StudyRow> rows) {
  nlohmann::json list = nlohmann::json::array();
  const auto estimate = [](const Estimate& e) {
    return nlohmann::json{{"value", e.value}, {"low", e.low}, {"high", e.high}};
  };
  for (const StudyRow& row : rows) {
    list.push_back(
        {{"format", row.format},
         {"largest_error",
          std::isnan(row.largest_error) ? nlohmann::json() : nlohmann::json(row.largest_error)},
         {"nll_first_500", row.first_nll},
         {"nll_held_out", estimate(row.held_out_nll)},
         {"difference_from_fp32", estimate(row.difference)},
         {"published_nll_talos_weights",
          row.published ? nlohmann::json(*row.published) : nlohmann::json()},
         {"names", row.names}});
  }
  return list;
}

}  // namespace ladder
