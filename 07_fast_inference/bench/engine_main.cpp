#include "07_fast_inference/bench/engine_main.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "07_fast_inference/bench/floors.hpp"
#include "07_fast_inference/judge/judge.hpp"
#include "07_fast_inference/judge/names.hpp"
#include "common/command_line.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/program.hpp"
#include "common/results.hpp"
#include "common/shipped.hpp"
#include "common/terminal.hpp"

namespace ladder {
namespace {

struct EngineOptions : Options {
  std::vector<std::string> engines;  // --engine, as often as wanted
  int threads = 0;                   // --threads, 0 for all cores
  int rounds = 21;                   // --rounds
  bool bench = false;                // --bench
  std::set<std::string> extras;      // flags of the program's own that were given
  bool studies = false;              // one of them is a study
  bool wants_names = false;          // --samples or --start was given

  /// A question is answered at once, without judging all engines first.
  bool asks() const { return !start.empty() || !score.empty(); }
  bool measures() const { return bench || studies; }
};

using Kinds = std::vector<const EngineKind*>;

// The names of --engine, one a line, or of the first engine; more of each if more is wanted.
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

void measure(const std::string& program, const Kinds& kinds, const MicroGpt& model,
             const EngineOptions& options, const EngineProgram& extras) {
  const int cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  const BenchOptions bench{.rounds = options.rounds,
                           .seed = options.seed,
                           .temperature = static_cast<float>(options.temperature),
                           .threads = options.threads > 0 ? options.threads : cores,
                           .quiet = options.quiet};
  for (const ExtraStudy& study : extras.studies) {
    if (options.extras.contains(study.flag)) study.print(model, bench);
  }
  if (!options.bench) return;
  auto rows = run_bench(kinds, model, bench);
  for (const ExtraRows& extra : extras.rows) {
    if (!options.extras.contains(extra.flag)) continue;
    const auto others = extra.measure(options.weights, bench);
    rows.insert(rows.begin(), others.begin(), others.end());
  }
  if (is_measured(rows)) {
    fmt::print("\nclock {:.2f} GHz, median of {} rounds\n", measure_clock_hertz() * 1e-9,
               options.rounds);
    print_machine_speed(machine_speed());
    fmt::print("\n");
  }
  print_bench(rows);
  nlohmann::json json = to_json(program, rows);
  if (extras.bench_more) extras.bench_more(model, bench, json);
  if (!options.json.empty()) write_json(options.json, json);
}

// As find_engine(), among the relatives too.
const EngineKind& find_kind(std::span<const EngineKind> all, const EngineProgram& extras,
                            const std::string& name) {
  for (const ExtraKinds& extra : extras.kinds) {
    for (const EngineKind& kind : extra.kinds) {
      if (kind.name == name) return kind;
    }
  }
  return find_engine(all, name);
}

// All engines, or those of the flags given.
Kinds default_kinds(std::span<const EngineKind> all, const EngineOptions& options,
                    const EngineProgram& extras) {
  Kinds kinds;
  const auto add = [&](std::span<const EngineKind> more) {
    for (const EngineKind& kind : more) kinds.push_back(&kind);
  };
  for (const ExtraKinds& extra : extras.kinds) {
    if (options.extras.contains(extra.flag)) add(extra.kinds);
  }
  if (kinds.empty()) add(all);
  return kinds;
}

void run(const std::string& program, std::span<const EngineKind> all, const EngineOptions& options,
         const EngineProgram& extras) {
  // 1. The weights, and what the reader wants to know of which engines.
  const Questions questions = read_questions(options, Tokenizer::canonical(), block_size);
  Kinds kinds;
  for (const std::string& name : options.engines) {
    kinds.push_back(&find_kind(all, extras, name));
  }
  const Kinds answering = kinds.empty() ? Kinds{&all.front()} : kinds;
  if (kinds.empty()) kinds = default_kinds(all, options, extras);
  const MicroGpt model = read_model(load_weights(options.weights));
  check_runs(answering, model);
  for (const ExtraStudy& study : extras.studies) {
    if (study.check && options.extras.contains(study.flag)) study.check(model);
  }
  if (!options.quiet) fmt::print("weights {}\n", options.weights);

  // 2. Every engine computes the same logits, and so writes the same names.
  if (!options.quiet && !options.asks()) {
    if (extras.before_judging) extras.before_judging();
    judge_engines(kinds, model, options.weights == shipped_weights_path(), questions);
  }
  if (options.asks() || options.wants_names || (options.quiet && !options.measures())) {
    print_answers_of(answering, model, questions, options.quiet);
  }

  // 3. How fast?
  if (options.measures()) measure(program, kinds, model, options, extras);
}

void add_options(CommandLine& cli, EngineOptions& options, std::span<const EngineKind> all,
                 const EngineProgram& extras) {
  std::string about_engines = "only this engine (may be given again)";
  for (const EngineKind& kind : all) {
    if (kind.microgpt_only)
      about_engines += fmt::format("; {} {}", kind.name, microgpt_only_problem);
  }
  cli.app.add_option("--engine", options.engines, about_engines)->default_str("");
  cli.app.add_flag("--bench", options.bench, "measure the speed of every engine");
  for (const ExtraStudy& study : extras.studies) cli.app.add_flag(study.flag, study.description);
  for (const ExtraRows& rows : extras.rows) cli.app.add_flag(rows.flag, rows.description);
  for (const ExtraKinds& kinds : extras.kinds) cli.app.add_flag(kinds.flag, kinds.description);
  add_whole_number(cli.app, "--threads", options.threads, 0, 1024,
                   "threads for the rows of many streams; 0: one a core");
  add_whole_number(cli.app, "--rounds", options.rounds, 1, 10'000,
                   "turns of each engine in --bench");
  cli.mode("--start",
           {"--engine", "--weights", "--seed", "--samples", "--temperature", "--score", "--quiet"});
  cli.mode("--score",
           {"--engine", "--weights", "--seed", "--samples", "--temperature", "--start", "--quiet"});
}

// An option that would change nothing is a mistake.
void check_effects(const CLI::App& app, EngineOptions& options, const EngineProgram& extras) {
  const auto given = [&](const std::string& option) { return app.get_option(option)->count() > 0; };
  options.wants_names = given("--samples") || !options.start.empty();
  std::vector<std::string> need_bench = {"--json"};
  for (const ExtraRows& rows : extras.rows) need_bench.push_back(rows.flag);
  need_bench.emplace_back("--threads");
  for (const std::string& option : need_bench) {
    if (given(option) && !options.bench) {
      throw UsageError(fmt::format("{} is about measured speed: add --bench", option));
    }
  }
  std::string measuring = "--bench";
  for (const ExtraStudy& study : extras.studies) {
    options.studies |= given(study.flag);
    if (given(study.flag)) options.extras.insert(study.flag);
    measuring += " or " + study.flag;
  }
  for (const ExtraRows& rows : extras.rows) {
    if (given(rows.flag)) options.extras.insert(rows.flag);
  }
  for (const ExtraKinds& kinds : extras.kinds) {
    if (!given(kinds.flag)) continue;
    if (given("--engine")) {
      throw UsageError(fmt::format("{} chooses the engines: leave --engine out", kinds.flag));
    }
    options.extras.insert(kinds.flag);
  }
  if (given("--rounds") && !options.measures()) {
    throw UsageError(fmt::format("--rounds is about measured speed: add {}", measuring));
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

int engine_main(std::span<const EngineKind> kinds, int argc, char** argv,
                const EngineProgram& extras) {
  return run_program([&] {
    EngineOptions options;
    options.weights = shipped_weights_path();
    options.samples = 4;
    const std::string program = std::filesystem::path(argv[0]).filename().string();
    CommandLine cli(program, extras.description, options,
                    {Flag::seed, Flag::samples, Flag::temperature, Flag::weights});
    add_options(cli, options, kinds, extras);
    if (!cli.parse(argc, argv)) return;
    check_effects(cli.app, options, extras);
    if (kinds.empty()) {
      throw Error(fmt::format("this machine can run none of the engines of {}", program));
    }
    run(program, kinds, options, extras);
  });
}

}  // namespace ladder
