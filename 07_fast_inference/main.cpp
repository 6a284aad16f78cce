// Rung 7: the same forward pass, from a framework's way of running it to the limit of one core.

#include <cstdio>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "07_fast_inference/baselines.hpp"
#include "07_fast_inference/bench.hpp"
#include "07_fast_inference/breakdown.hpp"
#include "07_fast_inference/integer_model.hpp"
#include "07_fast_inference/reference.hpp"
#include "common/command_line.hpp"
#include "common/corpus.hpp"
#include "common/error.hpp"
#include "common/program.hpp"
#include "common/results.hpp"
#include "common/terminal.hpp"
#include "common/tokenizer.hpp"

namespace ladder {
namespace {

struct InferenceOptions : Options {
  std::vector<std::string> engines;  // --engine, as often as wanted
  int threads = 0;                   // --threads, 0 for all cores
  int rounds = 21;                   // --rounds
  bool bench = false;                // --bench
  bool breakdown = false;            // --breakdown
  bool baselines = false;            // --baselines
};

constexpr std::size_t compared_names = 10'000;

// The first names of the built-in corpus that this model can read to their end.
std::vector<Tokens> test_names(std::size_t count) {
  std::vector<Tokens> names;
  const Tokenizer tokenizer = Tokenizer::canonical();
  for (const std::string& row : builtin_corpus().rows) {
    if (names.size() == count) break;
    if (row.size() < block_size) names.push_back(tokenizer.encode(row));
  }
  return names;
}

// The first `count` names that stream 0 of an engine writes, as tokens.
std::vector<std::uint8_t> write_tokens(Engine& engine, const InferenceOptions& options,
                                       std::size_t count) {
  // One token at a time, so that the engine of one stream writes no more than is asked for.
  std::vector<std::uint8_t> step(static_cast<std::size_t>(engine.streams())), tokens;
  engine.start(static_cast<std::uint32_t>(options.seed), static_cast<float>(options.temperature));
  for (std::size_t names = 0, letters = 0; names < count; tokens.push_back(step[0])) {
    engine.generate(step);
    letters = step[0] == bos_token ? 0 : letters + 1;
    if (letters % block_size == 0) ++names;
  }
  return tokens;
}

std::size_t count_differing(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  std::size_t differing = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) differing += a[i] != b[i];
  return differing;
}

void check_engines(std::span<const EngineKind* const> kinds, const MicroGpt& model,
                   const InferenceOptions& options) {
  const bool golden = options.weights == shipped_weights_path();
  const auto expected = write_tokens(*make_tape(model), options, compared_names);
  fmt::print("judged by {}; {} names from seed {}, {} tokens, against those of tape\n",
             golden ? "the golden logits" : "stage 06's forward pass in double precision",
             with_commas(compared_names), options.seed, with_commas(expected.size()));
  fmt::print("streams of integers multiply by {} (16 bits) and {} (8 bits) on this machine\n\n",
             all_kernels(16).back().instructions, all_kernels(8).back().instructions);
  fmt::print("{:<14} {:>10} {:>17}  names\n", "engine", "max error", "differing tokens");
  const auto names = golden ? std::vector<Tokens>() : test_names(500);
  for (const EngineKind* kind : kinds) {
    const auto engine = kind->make(model);
    const double error =
        golden ? largest_golden_error(*engine) : largest_error(*engine, model, names);
    const auto tokens = write_tokens(*engine, options, compared_names);
    std::string line;
    for (int i = 0; const auto& name : names_of(tokens)) {
      if (i++ == options.samples) break;
      line += Tokenizer::canonical().decode(name) + " ";
    }
    fmt::print("{:<14} {:>10.1e} {:>17}  {}\n", kind->name, error,
               with_commas(count_differing(tokens, expected)), line);
    if (!(error < kind->allowed_error)) {
      throw Error(fmt::format("{} is off by {:.1e}, and {:.0e} is allowed", kind->name, error,
                              kind->allowed_error));
    }
  }
}

void run(const InferenceOptions& options) {
  if (!options.bench && (options.baselines || !options.json.empty())) {
    throw UsageError("--json and --baselines are about measured speed: add --bench");
  }
  // 1. The weights that rung 6 trained.
  const MicroGpt model = read_model(load_weights(options.weights));
  std::vector<const EngineKind*> kinds;
  for (const std::string& name : options.engines) kinds.push_back(&find_engine(name));
  if (kinds.empty()) {
    for (const EngineKind& kind : all_engines()) kinds.push_back(&kind);
  }
  if (!options.quiet) fmt::print("weights {}, {} numbers\n\n", options.weights, parameter_count);

  // 2. Every engine computes the same logits, and so writes the same names.
  if (!options.quiet) check_engines(kinds, model, options);

  // 3. How fast, and where does the time go?
  const int cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  const BenchOptions bench{.rounds = options.rounds,
                           .seed = static_cast<std::uint32_t>(options.seed),
                           .temperature = static_cast<float>(options.temperature),
                           .threads = options.threads > 0 ? options.threads : cores,
                           .quiet = options.quiet};
  if (options.breakdown) print_breakdown(model, bench);
  if (!options.bench) return;
  auto rows = run_bench(kinds, model, bench);
  if (options.baselines) {
    const auto slower = run_baselines({.weights = options.weights,
                                       .seed = options.seed,
                                       .temperature = options.temperature,
                                       .names = 0,
                                       .seconds = 2});
    rows.insert(rows.begin(), slower.begin(), slower.end());
  }
  fmt::print("\nclock {:.2f} GHz, median of {} rounds\n\n", measure_clock_hertz() * 1e-9,
             options.rounds);
  print_bench(rows);
  if (!options.json.empty()) write_json(options.json, to_json(rows));
}

}  // namespace
}  // namespace ladder

int main(int argc, char** argv) {
  using ladder::Flag;
  return ladder::run_program([&] {
    ladder::InferenceOptions options;
    options.weights = ladder::shipped_weights_path();
    options.samples = 4;
    ladder::CommandLine cli("07_fast_inference",
                            "Rung 7: the same forward pass, engine by engine, faster.", options,
                            {Flag::seed, Flag::samples, Flag::temperature, Flag::weights});
    cli.app.add_option("--engine", options.engines, "only this engine (may be given again)");
    cli.app.add_flag("--bench", options.bench, "measure the speed of every engine");
    cli.app.add_flag("--breakdown", options.breakdown, "measure where the time of a token goes");
    cli.app.add_flag("--baselines", options.baselines,
                     "measure the Python programs of baselines/ too, with --bench");
    cli.app.add_option("--threads", options.threads, "threads for the rows of many streams")
        ->check(CLI::Range(0, 1024));
    cli.app.add_option("--rounds", options.rounds, "turns of each engine in --bench")
        ->check(CLI::Range(1, 10'000));
    if (cli.parse(argc, argv)) ladder::run(options);
  });
}
