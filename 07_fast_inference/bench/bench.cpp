#include "07_fast_inference/bench/bench.hpp"

#include <algorithm>
#include <cmath>
#include <deque>

#include "07_fast_inference/bench/floors.hpp"
#include "07_fast_inference/bench/team.hpp"
#include "common/program.hpp"
#include "common/progress.hpp"
#include "common/timing.hpp"

namespace ladder {
namespace {

// One engine (or one for each thread) in the race, and its lap times.
class Contestant {
 public:
  Contestant(const EngineKind& kind, const MicroGpt& model, int threads,
             const BenchOptions& options)
      : kind_(kind), options_(options) {
    const Stopwatch watch;
    engines_.push_back(kind.make(model));
    build_seconds_ = watch.seconds();
    // At its temperature first: another() shares what is remembered at that.
    engines_[0]->start(options.seed, options.temperature);
    while (static_cast<int>(engines_.size()) < threads) {
      auto next = engines_[0]->another();
      engines_.push_back(next ? std::move(next) : kind.make(model));
      const auto before = engines_.size() - 1;
      engines_.back()->start(options.seed, options.temperature, streams() * before);
    }
    tokens_.resize(engines_.size());
    if (threads > 1) team_ = std::make_unique<Team>(threads);
    set_steps(64);
    run();  // warms caches and branch predictors
    if (kind_.caches) fill_cache();
    choose_length(threads > 1 ? options.seconds_per_team_turn : options.seconds_per_turn);
    before_ = cache_use();
  }

  void take_turn() {
    const double count = static_cast<double>(tokens_.size() * tokens_[0].size());
    if (kind_.clock == Clock::simulated) {
      const std::uint64_t before = engines_[0]->simulated_cycles();
      run();
      const std::uint64_t cycles = engines_[0]->simulated_cycles() - before;
      cycles_per_token_.push_back(static_cast<double>(cycles) / count);
      return;
    }
    const double hertz = measure_clock_hertz();
    const std::optional<double> joules = read_joules();
    const auto [seconds, cpu_seconds] = run();
    if (const auto after = read_joules(); joules && after && *after > *joules) {
      tokens_per_joule_.push_back(count / (*after - *joules));
    }
    seconds_per_token_.push_back(seconds / count);
    cpu_shares_.push_back(cpu_seconds / (seconds * static_cast<double>(engines_.size())));
    cycles_per_token_.push_back(seconds / count * (hertz + measure_clock_hertz()) / 2);
  }

  BenchRow row() const {
    const int threads = static_cast<int>(engines_.size());
    BenchRow row{.engine = std::string(kind_.name),
                 .precision = std::string(kind_.precision),
                 .idea = std::string(kind_.idea),
                 .problem = {},
                 .streams = static_cast<int>(streams()) * threads,
                 .threads = threads,
                 .caches = kind_.caches,
                 .clock = threads > 1 ? Clock::wall : kind_.clock,
                 .tokens_per_second = {},
                 .cycles_per_token = {},
                 .spread = 0,
                 .precomputed_bytes = engines_[0]->precomputed_bytes(),
                 .cpu_share = {},
                 .cache = cache_use(),
                 .warm_up_tokens = warm_up_tokens_,
                 .build_seconds = build_seconds_,
                 .tokens_per_joule = {},
                 .emulated = false,
                 .multiply_adds = {},
                 .peak_floor_cycles = {},
                 .chain_floor_cycles = {}};
    if (kind_.clock != Clock::simulated) row.tokens_per_second = 1 / median(seconds_per_token_);
    // While it waits for a device, this core's cycles are not what a token costs.
    if (row.clock != Clock::wall) row.cycles_per_token = median(cycles_per_token_);
    if (threads > 1) row.cpu_share = median(cpu_shares_);
    if (row.cache) {
      row.cache->tokens -= before_->tokens;
      row.cache->remembered -= before_->remembered;
    }
    // The counter is the processor's: it knows nothing of a device's or a chip's joules.
    const bool here = kind_.clock == Clock::thread_cpu;
    if (here && !tokens_per_joule_.empty()) row.tokens_per_joule = median(tokens_per_joule_);
    row.spread =
        spread_of(kind_.clock == Clock::simulated ? cycles_per_token_ : seconds_per_token_);
    return row;
  }

  const EngineKind& kind() const { return kind_; }

 private:
  static double spread_of(std::vector<double> turns) {
    std::sort(turns.begin(), turns.end());
    const std::size_t tenth = turns.size() / 10;
    return (turns[turns.size() - 1 - tenth] - turns[tenth]) / median(turns);
  }

  std::size_t streams() const { return static_cast<std::size_t>(engines_[0]->streams()); }

  void set_steps(std::size_t steps) {
    for (auto& tokens : tokens_) tokens.resize(steps * streams());
  }

  // A cache is measured full: what it remembers comes from names that are not timed.
  void fill_cache() {
    while (warm_up_tokens_ < options_.warm_up_tokens) {
      run();
      warm_up_tokens_ += tokens_.size() * tokens_[0].size();
    }
  }

  // So many tokens that a turn takes about `seconds`: judged by a try of at least a tenth of it.
  void choose_length(double seconds) {
    for (std::size_t steps = 64; steps < 1'000'000;) {
      set_steps(steps);
      const double once = std::max(run().wall, 1e-6);
      const double factor = seconds / once;
      steps = static_cast<std::size_t>(static_cast<double>(steps) * std::clamp(factor, 1.0, 10.0));
      if (factor < 10) return set_steps(steps);
    }
  }

  // A turn. A thread that computes alone is timed by its own CPU time; several, or one that waits
  // for a device, by the wall.
  Team::Times run() {
    const auto write = [this](int i) {
      const auto thread = static_cast<std::size_t>(i);
      engines_[thread]->generate(tokens_[thread]);
    };
    if (team_) return team_->run(write);
    const Stopwatch watch;
    const double start = thread_cpu_seconds();
    write(0);
    const double cpu = thread_cpu_seconds() - start;
    return {kind_.clock == Clock::thread_cpu ? cpu : watch.seconds(), cpu};
  }

  // Of all engines together: they share what is remembered, each counts its own tokens.
  std::optional<CacheUse> cache_use() const {
    std::optional<CacheUse> sum = engines_[0]->cache_use();
    for (std::size_t i = 1; sum && i < engines_.size(); ++i) {
      const CacheUse use = engines_[i]->cache_use().value();
      sum->tokens += use.tokens;
      sum->remembered += use.remembered;
    }
    return sum;
  }

  const EngineKind& kind_;
  const BenchOptions options_;
  std::vector<std::unique_ptr<Engine>> engines_;   // one a thread
  std::vector<std::vector<std::uint8_t>> tokens_;  // (threads, tokens a turn)
  std::unique_ptr<Team> team_;                     // if there are several threads
  double build_seconds_ = 0;
  std::size_t warm_up_tokens_ = 0;
  std::optional<CacheUse> before_;  // when the first turn was taken
  std::vector<double> seconds_per_token_, cycles_per_token_, cpu_shares_, tokens_per_joule_;
};

// Of an engine that does not run the model, or on an emulated processor, whose time means nothing.
BenchRow row_without_speed(const EngineKind& kind, const MicroGpt& model) {
  BenchRow row;
  row.engine = kind.name;
  row.precision = kind.precision;
  row.idea = kind.idea;
  row.caches = kind.caches;
  row.clock = kind.clock;
  row.emulated = kind.emulated;
  if (!kind.runs(model)) {
    row.problem = microgpt_only_problem;
    return row;
  }
  const auto engine = kind.make(model);
  row.streams = engine->streams();
  row.precomputed_bytes = engine->precomputed_bytes();
  row.problem = "on an emulated processor";
  return row;
}

}  // namespace

std::vector<BenchRow> run_bench(std::span<const EngineKind* const> kinds, const MicroGpt& model,
                                const BenchOptions& options) {
  std::deque<Contestant> contestants;
  const auto measured = [&](const EngineKind& kind) { return kind.runs(model) && !kind.emulated; };
  for (const EngineKind* kind : kinds) {
    if (measured(*kind)) contestants.emplace_back(*kind, model, 1, options);
  }
  for (const EngineKind* kind : kinds) {
    const bool threads = kind->many_streams && kind->clock != Clock::simulated;
    if (measured(*kind) && threads && options.threads > 1) {
      contestants.emplace_back(*kind, model, options.threads, options);
    }
  }
  Progress progress("measuring", options.rounds, options.quiet);
  for (int round = 0;
       !contestants.empty() && round < options.rounds && (round == 0 || !interrupted()); ++round) {
    for (Contestant& contestant : contestants) contestant.take_turn();
    progress.update(round + 1, 0);
  }
  std::vector<BenchRow> rows;
  if (!contestants.empty()) {
    const auto shares = position_shares(model, options.seed, options.temperature);
    for (const Contestant& contestant : contestants) {
      rows.push_back(contestant.row());
      set_floors(rows.back(), contestant.kind(), shares, machine_speed());
    }
  }
  for (const EngineKind* kind : kinds) {
    if (!measured(*kind)) rows.push_back(row_without_speed(*kind, model));
  }
  return rows;
}

}  // namespace ladder
