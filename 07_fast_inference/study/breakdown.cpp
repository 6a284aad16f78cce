#include "07_fast_inference/study/breakdown.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "07_fast_inference/many_streams/integer_model.hpp"
#include "07_fast_inference/study/breakdown_parts.hpp"
#include "common/error.hpp"
#include "common/timing.hpp"

namespace ladder {
namespace {

constexpr const char* part_names[parts] = {"embedding", "norms", "Q, K, V", "attention and wo",
                                           "MLP",       "head",  "sampling"};

// The fastest engine, timed while it runs: one part's streams wait for nothing of another part's,
// so the parts of a step follow each other.
Cycles time_streams_int8(const MicroGpt& m, const BenchOptions& options, double whole) {
  IntegerEngine engine(m, 8, all_kernels(8).back());
  engine.start(options.seed, options.temperature);
  engine.shares(1000);  // warms caches and branch predictors
  std::vector<double> rounds[integer_parts];
  for (int round = 0; round < options.rounds; ++round) {
    const auto shares = engine.shares(1000);
    for (std::size_t i = 0; i < integer_parts; ++i) rounds[i].push_back(shares[i]);
  }
  Cycles result;
  const Part part_of[integer_parts] = {attention, norms, mlp, head, sampling};
  for (std::size_t i = 0; i < integer_parts; ++i) {
    if (const double share = median(rounds[i]); share > 0) result[part_of[i]] = share * whole;
  }
  return result;
}

// Cycles of the longest chain, an estimate for AVX2: matrices at two multiply-adds a cycle, and
// between them published latencies of Zen 4 (multiply-add 4, add and multiply 3, shuffle 1 to 3,
// square root 15, divide 11, load 7), added up by hand, with `past` earlier positions and no wrong
// guess of a branch.
double columns_chain(double past) {
  const double embed = 10 + 3, qkv = 48 + 7, attend = 13 + 3 + 22 + 4 * past + 14, wo = 16 + 14;
  const double fc1 = 64 + 4, fc2 = 64 + 18, lm_head = 32 + 7, sample = 64;
  return embed + qkv + attend + wo + fc1 + fc2 + lm_head + sample;
}
double tables_chain(double past) {
  const double look_up = 10, attend = 13 + 22 + 4 * std::max(past - 1, 0.0) + 14, fc1 = 64 + 4;
  const double fc2 = 64 + 18, lm_head = 32 + 7, sample = 64;
  return look_up + attend + fc1 + fc2 + lm_head + sample;
}

}  // namespace

void check_breakdown(const MicroGpt& model) {
  if (!model.final_norm) return;
  throw UsageError(
      "--breakdown takes microGPT's variant apart, and these weights have gains; "
      "06_gpt_adam --microgpt trains weights for it");
}

void print_breakdown(std::span<const EngineKind> list, const MicroGpt& model,
                     const BenchOptions& options) {
  constexpr std::size_t engines = 4;
  const char* const names[engines] = {"eigen_dynamic", "columns", "tables", "streams_int8"};
  std::vector<const EngineKind*> kinds;
  for (const char* name : names) kinds.push_back(&find_engine(list, name));
  BenchOptions one_thread = options;
  one_thread.threads = 1;
  const auto rows = run_bench(kinds, model, one_thread);
  double whole[engines], sums[engines] = {};
  for (std::size_t i = 0; i < engines; ++i) whole[i] = rows[i].cycles_per_token.value_or(0);

  const auto places = places_of_names(model, options);
  const auto [of_columns, of_tables] = time_vectors(model, places, options);
  const Cycles timed[engines] = {time_eigen(model, places, options.rounds), of_columns, of_tables,
                                 time_streams_int8(model, options, whole[3])};

  const auto line = [](const char* name, std::array<std::optional<double>, engines> values) {
    fmt::print("{:<24}", name);
    for (const auto& value : values) {
      fmt::print(" {:>13}", value ? fmt::format("{:.0f}", *value) : "-");
    }
    fmt::print("\n");
  };
  fmt::print("\n{:<24}", "cycles a token");
  for (const char* name : names) fmt::print(" {:>13}", name);
  fmt::print("\n");
  for (std::size_t part = 0; part < parts; ++part) {
    std::array<std::optional<double>, engines> values;
    for (std::size_t i = 0; i < engines; ++i) {
      values[i] = timed[i][part];
      sums[i] += values[i].value_or(0);
    }
    line(part_names[part], values);
  }
  line("sum of the parts", {sums[0], sums[1], sums[2], sums[3]});
  line("the whole engine", {whole[0], whole[1], whole[2], whole[3]});

  double past = 0;
  for (const Place place : places) past += place.position / static_cast<double>(places.size());
  const double looks = (past + 1) * 2 * n_embd;               // q · k and the sum of values
  const double later = std::max(past - 1, 0.0) * 2 * n_embd;  // but for itself and BOS
  const double square = n_embd * n_embd, wide = n_hidden * n_embd, last = vocab_size * n_embd;
  const double all = looks + 4 * square + 2 * wide + last;
  const double folded = later + square + 2 * wide + last;
  line("multiply-adds needed", {all, all, folded, folded});
  // Two vectors a cycle: of `lanes` floats, twice as many words, four times as many bytes.
  line("at two vectors a cycle",
       {all / (2 * lanes), all / (2 * lanes), folded / (2 * lanes),
        later / (2 * lanes) + (square + last) / (4 * lanes) + 2 * wide / (8 * lanes)});
  line("longest chain (estimate)",
       {std::nullopt, columns_chain(past), tables_chain(past), std::nullopt});
}

}  // namespace ladder
