#pragma once
/// \file
/// How few bits are enough? The same weights in fewer and fewer bits, judged by what matters (NLL)
/// and by what is easy to measure (the largest error of a logit).
///
/// The room study/ is the last: it may include all others, and nobody but main.cpp includes it.

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "07_fast_inference/judge/reference.hpp"
#include "common/tokenizer.hpp"

namespace ladder {

/// Rounds every matrix to `bits` bits, symmetric: to multiples of max|w| / (2^(bits-1) - 1), that
/// maximum being the matrix's, or each row's own. Two bits leave -1, 0 and 1 times the maximum.
MicroGpt round_weights(const MicroGpt& model, int bits, bool per_row);

/// What one name costs: nats, and over how many predictions.
struct NameCost {
  double nats = 0;
  int predictions = 0;
};
std::vector<NameCost> name_costs(const LogitsOf& logits, std::span<const Tokens> names);

/// Nats per prediction.
double mean_cost(std::span<const NameCost> costs);

/// A figure and the interval that its bootstrap puts it in, with 95%.
struct Estimate {
  double value, low, high;
};

/// Mean cost, minus that of `other` on the same names if there is one. The interval: as many names
/// drawn again, with replacement, `rounds` times, always by the same seed; the middle 95% of the
/// results. (Names are drawn, not letters: letters of one name are not independent.)
Estimate bootstrap(std::span<const NameCost> costs, std::span<const NameCost> other = {},
                   int rounds = 2000, std::uint64_t seed = 1);

/// One line of the study.
struct StudyRow {
  std::string format;
  std::optional<double> published;      ///< NLL with TALOS's weights, not ours
  std::optional<double> largest_error;  ///< of a golden logit, if there are some
  double first_nll = 0;                 ///< on the first 500 names of the corpus
  Estimate held_out_nll{};
  Estimate difference{};  ///< of held_out_nll from fp32's
  std::vector<std::string> names;
};

/// \param golden  a golden logits file, by 06_gpt_adam, of these weights; may be empty
std::vector<StudyRow> run_study(const MicroGpt& model, const std::string& golden,
                                std::span<const Tokens> first, std::span<const Tokens> held_out,
                                std::uint64_t seed, float temperature);

void print_study(std::span<const StudyRow> rows);
nlohmann::json to_json(std::span<const StudyRow> rows);

}  // namespace ladder
