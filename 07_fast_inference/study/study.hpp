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

/// \name Which weights share a scale: so many neighbours in a row, or
/// \{
inline constexpr std::size_t whole_matrix = 0;      ///< all of a matrix
inline constexpr std::size_t whole_row = n_hidden;  ///< those of a row, however long it is
/// \}

/// Rounds every matrix to `bits` bits, symmetric: to multiples of max|w| / (2^(bits-1) - 1), that
/// maximum being one of each group. Two bits leave -1, 0 and 1 times the maximum.
MicroGpt round_weights(const MicroGpt& model, int bits, std::size_t group);

/// What microGPT's 4,192 weights take in so many bits each, with a float for each group's scale.
std::size_t bytes_of_weights(double bits, std::size_t group);

/// What one name costs: nats, and over how many predictions.
struct NameCost {
  double nats = 0;      ///< of all its predictions together
  int predictions = 0;  ///< letters and the end, at most block_size
};

/// The cost of each name under a model, the names in their order.
std::vector<NameCost> name_costs(const LogitsOf& logits, std::span<const Tokens> names);

/// Nats per prediction.
double mean_cost(std::span<const NameCost> costs);

/// A figure and the interval that its bootstrap puts it in, with 95%.
struct Estimate {
  double value,  ///< of the names as they are
      low,       ///< 2.5% of the results lie below
      high;      ///< 2.5% of the results lie above
};

/// Mean cost, minus that of `other` on the same names if there is one. The interval: as many names
/// drawn again, with replacement, `rounds` times, always by the same seed; the middle 95% of the
/// results. (Names are drawn, not letters: letters of one name are not independent.)
Estimate bootstrap(std::span<const NameCost> costs, std::span<const NameCost> other = {},
                   int rounds = 2000, std::uint64_t seed = 1);

/// Weights that were trained for few bits (06_gpt_adam --bits), with a scale for each row.
struct TrainedWeights {
  std::string format;  ///< as the table names it
  double bits;         ///< of each weight; log2 3 if it has three values
  MicroGpt model;      ///< its matrices as they are
};

/// One line of the study.
struct StudyRow {
  std::string format;                   ///< as the table names it
  std::size_t bytes = 0;                ///< of the weights, scales included
  std::optional<double> published;      ///< NLL with TALOS's weights, not ours
  std::optional<double> largest_error;  ///< of a golden logit, if there are some
  double first_nll = 0;                 ///< on the first 500 names of the corpus
  Estimate held_out_nll{};              ///< nats per prediction
  Estimate difference{};                ///< of held_out_nll from fp32's
  std::vector<std::string> names;       ///< five that it writes
};

/// Calculates each row, with a progress bar unless `quiet`; those made so far if interrupted.
/// \param golden   a golden logits file, by 06_gpt_adam, of these weights; may be empty
/// \param trained  rows to be added
std::vector<StudyRow> run_study(const MicroGpt& model, const std::string& golden,
                                std::span<const Tokens> first, std::span<const Tokens> held_out,
                                std::span<const TrainedWeights> trained, std::uint64_t seed,
                                float temperature, bool quiet);

/// Two tables, for 80 columns: how good each format is, and how far from fp32.
void print_study(std::span<const StudyRow> rows);

/// A list of {"format", "bytes", "largest_error", "nll_first_500", "nll_held_out", …}; an estimate
/// is
/// {"value", "low", "high"}, what there is none of is null.
nlohmann::json to_json(std::span<const StudyRow> rows);

}  // namespace ladder
