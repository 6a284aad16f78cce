// Stage 7: the same forward pass, from a framework's way of running it to the limit of one core.

#include <algorithm>
#include <initializer_list>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "07_fast_inference/bench/baselines.hpp"
#include "07_fast_inference/bench/bench.hpp"
#include "07_fast_inference/engines.hpp"
#include "07_fast_inference/judge/judge.hpp"
#include "07_fast_inference/judge/names.hpp"
#include "07_fast_inference/many_streams/integer_model.hpp"
#include "07_fast_inference/study/breakdown.hpp"
#include "common/command_line.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/program.hpp"
#include "common/results.hpp"
#include "common/shipped.hpp"
#include "common/terminal.hpp"

namespace ladder {
namespace {

struct InferenceOptions : Options {
  std::vector<std::string> engines;  // --engine, as often as wanted
  int threads = 0;                   // --threads, 0 for all cores
  int rounds = 21;                   // --rounds
  bool bench = false;                // --bench
  bool breakdown = false;            // --breakdown
  bool baselines = false;            // --baselines
  bool wants_names = false;          // --samples or --start was given

  /// A question is answered at once, without judging all engines first.
  bool asks() const { return !start.empty() || !score.empty(); }
  bool measures() const { return bench || breakdown; }
};

using Kinds = std::vector<const EngineKind*>;

// The names of --engine, one a line, or of tape, the most accurate; more of each if more is wanted.
void print_answers_of(const Kinds& kinds, const MicroGpt& model, const Questions& questions,
                      bool quiet) {
  for (const EngineKind* kind : kinds) {
    Answers answers = ask(*kind->make(model), questions);
    const bool several = kinds.size() > 1;
    if (!quiet || (several && !answers.scores.empty())) fmt::print("\nengine  {}\n", kind->name);
    if (quiet) {
      for (const Sample& sample : answers.samples) {
        if (several) fmt::print("{:<14} ", kind->name);
        fmt::print("{}\n", shown_name(sample.name));
      }
      answers.samples.clear();
    }
    print_answers(answers);
  }
}

void measure(const Kinds& kinds, const MicroGpt& model, const InferenceOptions& options) {
  const int cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  const BenchOptions bench{.rounds = options.rounds,
                           .seed = options.seed,
                           .temperature = static_cast<float>(options.temperature),
                           .threads = options.threads > 0 ? options.threads : cores,
                           .quiet = options.quiet};
  if (options.breakdown) print_breakdown(all_engines(), model, bench);
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

void run(const InferenceOptions& options) {
  // 1. The weights that stage 6 trained, and what the reader wants to know of which engines.
  const Questions questions = read_questions(options, Tokenizer::canonical(), block_size);
  Kinds kinds;
  for (const std::string& name : options.engines) kinds.push_back(&find_engine(name));
  const Kinds answering = kinds.empty() ? Kinds{&all_engines().front()} : kinds;
  if (kinds.empty()) {
    for (const EngineKind& kind : all_engines()) kinds.push_back(&kind);
  }
  const MicroGpt model = read_model(load_weights(options.weights));
  if (!options.engines.empty()) check_runs(kinds, model);
  if (options.breakdown) check_breakdown(model);
  if (!options.quiet) fmt::print("weights {}\n", options.weights);

  // 2. Every engine computes the same logits, and so writes the same names.
  if (!options.quiet && !options.asks()) {
    fmt::print("streams of integers multiply by {} (16 bits) and {} (8 bits)\n",
               all_kernels(16).back().instructions, all_kernels(8).back().instructions);
    judge_engines(kinds, model, options.weights == shipped_weights_path(), questions);
  }
  if (options.asks() || options.wants_names || (options.quiet && !options.measures())) {
    print_answers_of(answering, model, questions, options.quiet);
  }

  // 3. How fast, and where does the time go?
  if (options.measures()) measure(kinds, model, options);
}

// An option that would change nothing is a mistake.
void check_effects(const CLI::App& app, InferenceOptions& options) {
  const auto given = [&](const char* option) { return app.get_option(option)->count() > 0; };
  options.wants_names = given("--samples") || !options.start.empty();
  for (const char* option : {"--json", "--baselines", "--threads"}) {
    if (given(option) && !options.bench) {
      throw UsageError(fmt::format("{} is about measured speed: add --bench", option));
    }
  }
  if (given("--rounds") && !options.measures()) {
    throw UsageError("--rounds is about measured speed: add --bench or --breakdown");
  }
  if (options.temperature == 0 && options.measures()) {
    throw UsageError("the draw is measured too, and --temperature 0 draws nothing: leave it out");
  }
  if (options.score.empty() || options.wants_names) return;
  for (const char* option : {"--seed", "--temperature"}) {
    if (given(option)) {
      throw UsageError(fmt::format("{} is about names made up: add --samples", option));
    }
  }
  options.samples = 0;
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
                            "Stage 7: the same forward pass, engine by engine, faster.", options,
                            {Flag::seed, Flag::samples, Flag::temperature, Flag::weights});
    cli.app
        .add_option("--engine", options.engines,
                    "only this engine (may be given again); q4_12 runs microGPT's variant only")
        ->default_str("");
    cli.app.add_flag("--bench", options.bench, "measure the speed of every engine");
    cli.app.add_flag("--breakdown", options.breakdown, "measure where the time of a token goes");
    cli.app.add_flag("--baselines", options.baselines,
                     "measure the Python programs of baselines/ too, with --bench");
    ladder::add_whole_number(cli.app, "--threads", options.threads, 0, 1024,
                             "threads for the rows of many streams; 0: one a core");
    ladder::add_whole_number(cli.app, "--rounds", options.rounds, 1, 10'000,
                             "turns of each engine in --bench");
    cli.mode("--start", {"--engine", "--weights", "--seed", "--samples", "--temperature", "--score",
                         "--quiet"});
    cli.mode("--score", {"--engine", "--weights", "--seed", "--samples", "--temperature", "--start",
                         "--quiet"});
    if (!cli.parse(argc, argv)) return;
    ladder::check_effects(cli.app, options);
    ladder::run(options);
  });
}
