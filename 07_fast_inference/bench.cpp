#include "07_fast_inference/bench.hpp"

#include <algorithm>
#include <cmath>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/machine.hpp"
#include "common/program.hpp"
#include "common/progress.hpp"
#include "common/terminal.hpp"
#include "common/timing.hpp"

namespace ladder {
namespace {

// One engine (or one for each thread) in the race, and its lap times.
class Contestant {
 public:
  Contestant(const EngineKind& kind, const MicroGpt& model, int threads,
             const BenchOptions& options)
      : kind_(kind) {
    const Stopwatch watch;
    engines_.push_back(kind.make(model));
    build_seconds_ = watch.seconds();
    while (static_cast<int>(engines_.size()) < threads) engines_.push_back(kind.make(model));
    tokens_.resize(engines_.size());
    std::uint32_t seed = options.seed;
    for (std::size_t i = 0; i < engines_.size(); ++i) {
      engines_[i]->start(seed, options.temperature);
      seed += static_cast<std::uint32_t>(engines_[i]->streams());
      tokens_[i].resize(64 * static_cast<std::size_t>(engines_[i]->streams()));
    }
    choose_length(options.seconds_per_turn);
  }

  void take_turn() {
    const double hertz = measure_clock_hertz();
    const std::optional<double> joules = read_joules();
    const double seconds = run();
    const double count = static_cast<double>(tokens_.size() * tokens_[0].size());
    if (const auto after = read_joules(); joules && after && *after > *joules) {
      tokens_per_joule_.push_back(count / (*after - *joules));
    }
    seconds_per_token_.push_back(seconds / count);
    cycles_per_token_.push_back(seconds / count * (hertz + measure_clock_hertz()) / 2);
  }

  BenchRow row() const {
    const int threads = static_cast<int>(engines_.size());
    BenchRow row{.engine = std::string(kind_.name),
                 .precision = std::string(kind_.precision),
                 .idea = std::string(kind_.idea),
                 .streams = engines_[0]->streams() * threads,
                 .threads = threads,
                 .caches = kind_.caches,
                 .tokens_per_second = 1 / median(seconds_per_token_),
                 .cycles_per_token = {},
                 .spread = 0,
                 .precomputed_bytes = engines_[0]->precomputed_bytes(),
                 .build_seconds = build_seconds_,
                 .tokens_per_joule = {}};
    if (threads == 1) row.cycles_per_token = median(cycles_per_token_);
    if (!tokens_per_joule_.empty()) row.tokens_per_joule = median(tokens_per_joule_);
    std::vector<double> sorted = seconds_per_token_;
    std::sort(sorted.begin(), sorted.end());
    const std::size_t tenth = sorted.size() / 10;
    row.spread = (sorted[sorted.size() - 1 - tenth] - sorted[tenth]) / median(sorted);
    return row;
  }

 private:
  // So many tokens that a turn takes about `seconds`.
  void choose_length(double seconds) {
    run();  // warms caches and branch predictors
    if (kind_.caches) {
      // A cache is measured full: what it remembers comes from names that are not timed.
      for (int i = 0; i < 20'000; ++i) engines_[0]->generate(tokens_[0]);
    }
    const double once = std::max(run(), 1e-6);
    for (auto& tokens : tokens_) {
      const auto streams = static_cast<std::size_t>(engines_[0]->streams());
      const double steps = std::clamp(seconds / once * 64, 64.0, 1e6);
      tokens.resize(static_cast<std::size_t>(steps) * streams);
    }
  }

  // Seconds: of this thread's own CPU time if it runs alone, of the wall for several.
  double run() {
    if (engines_.size() == 1) {
      const double start = thread_cpu_seconds();
      engines_[0]->generate(tokens_[0]);
      return thread_cpu_seconds() - start;
    }
    const Stopwatch watch;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < engines_.size(); ++i) {
      threads.emplace_back([this, i] { engines_[i]->generate(tokens_[i]); });
    }
    for (std::thread& thread : threads) thread.join();
    return watch.seconds();
  }

  const EngineKind& kind_;
  std::vector<std::unique_ptr<Engine>> engines_;   // one a thread
  std::vector<std::vector<std::uint8_t>> tokens_;  // (threads, tokens a turn)
  double build_seconds_ = 0;
  std::vector<double> seconds_per_token_, cycles_per_token_, tokens_per_joule_;
};

std::string tables_text(const BenchRow& row) {
  if (row.precomputed_bytes == 0) return "-";
  return fmt::format("{} KiB {:.1f} ms", (row.precomputed_bytes + 1023) / 1024,
                     1e3 * row.build_seconds);
}

void print_rows(std::span<const BenchRow> rows, bool caches) {
  for (const BenchRow& row : rows) {
    if (row.caches != caches) continue;
    if (!row.tokens_per_second) {
      fmt::print("{:<14} {:<6} {}\n", row.engine, row.precision, row.idea);
      continue;
    }
    const double speed = *row.tokens_per_second;
    fmt::print(
        "{:<14} {:<6} {:>4} {:>3} {:>12} {:>8} {:>6.0f}% {:>8.1f} {:>14}  {}\n", row.engine,
        row.precision, row.streams, row.threads, with_commas(static_cast<std::size_t>(speed)),
        row.cycles_per_token ? with_commas(static_cast<std::size_t>(*row.cycles_per_token)) : "-",
        100 * row.spread, speed / talos_tokens_per_second, tables_text(row), row.idea);
  }
}

}  // namespace

std::vector<BenchRow> run_bench(std::span<const EngineKind* const> kinds, const MicroGpt& model,
                                const BenchOptions& options) {
  std::vector<Contestant> contestants;
  for (const EngineKind* kind : kinds) {
    contestants.emplace_back(*kind, model, 1, options);
  }
  for (const EngineKind* kind : kinds) {
    if (kind->many_streams && options.threads > 1) {
      contestants.emplace_back(*kind, model, options.threads, options);
    }
  }
  Progress progress("measuring", options.rounds, options.quiet);
  for (int round = 0; round < options.rounds && (round == 0 || !interrupted()); ++round) {
    for (Contestant& contestant : contestants) contestant.take_turn();
    progress.update(round + 1, 0);
  }
  std::vector<BenchRow> rows;
  for (const Contestant& contestant : contestants) rows.push_back(contestant.row());
  return rows;
}

void print_bench(std::span<const BenchRow> rows) {
  fmt::print("{:<14} {:<6} {:>4} {:>3} {:>12} {:>8} {:>7} {:>8} {:>14}  {}\n", "engine", "number",
             "str.", "thr", "tokens/s", "cycles/t", "spread", "x TALOS", "tables", "what it adds");
  print_rows(rows, false);
  const auto caches = [](const BenchRow& row) { return row.caches; };
  if (std::any_of(rows.begin(), rows.end(), caches)) {
    fmt::print(
        "\nanswers remembered, not computed (measured after 1,280,000 tokens that filled it):\n");
    print_rows(rows, true);
  }
  if (std::none_of(rows.begin(), rows.end(),
                   [](const BenchRow& row) { return row.tokens_per_joule.has_value(); })) {
    fmt::print(
        "\nenergy: no counter can be read here (Linux powercap); published estimates, not measured:"
        "\n        about 5 W for a laptop core, about 2 W for the FPGA\n");
    return;
  }
  fmt::print(
      "\nenergy, from the processor's own counter (all that ran on it meanwhile included)\n");
  for (const BenchRow& row : rows) {
    if (!row.tokens_per_joule) continue;
    fmt::print("{:<14} {:>3} threads {:>12} tokens/J\n", row.engine, row.threads,
               with_commas(static_cast<std::size_t>(*row.tokens_per_joule)));
  }
}

nlohmann::json to_json(std::span<const BenchRow> rows) {
  const auto or_null = [](const std::optional<double>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json();
  };
  nlohmann::json list = nlohmann::json::array();
  for (const BenchRow& row : rows) {
    list.push_back({{"engine", row.engine},
                    {"precision", row.precision},
                    {"streams", row.streams},
                    {"threads", row.threads},
                    {"caches", row.caches},
                    {"tokens_per_second", or_null(row.tokens_per_second)},
                    {"cycles_per_token", or_null(row.cycles_per_token)},
                    {"spread", row.spread},
                    {"precomputed_bytes", row.precomputed_bytes},
                    {"build_seconds", row.build_seconds},
                    {"tokens_per_joule", or_null(row.tokens_per_joule)},
                    {"emulated", false}});
  }
  return {{"stage", "07_fast_inference"},         {"machine", machine_description()},
          {"compiler", compiler_description()},   {"date", date_today()},
          {"clock_hertz", measure_clock_hertz()}, {"rows", list}};
}

}  // namespace ladder
