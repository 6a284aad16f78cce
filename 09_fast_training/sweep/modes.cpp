#include "09_fast_training/sweep/modes.hpp"

#include <algorithm>
#include <cmath>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "09_fast_training/sweep/front.hpp"
#include "common/error.hpp"
#include "common/machine.hpp"
#include "common/numbers.hpp"
#include "common/outputs.hpp"
#include "common/program.hpp"
#include "common/results.hpp"

namespace ladder {
namespace {

constexpr int most_threads = 1024;

std::vector<double> parse_budgets(const std::vector<std::string>& texts) {
  std::vector<double> budgets;
  for (const std::string& text : texts) {
    const auto seconds = parse_number(text);
    if (!seconds || !(*seconds >= 0.001 && *seconds <= 86'400)) {
      throw CLI::ValidationError("--budget",
                                 fmt::format("'{}' is no time from 0.001 to 86400 seconds", text));
    }
    const bool twice = std::find(budgets.begin(), budgets.end(), *seconds) != budgets.end();
    if (!twice) budgets.push_back(*seconds);
  }
  return budgets;
}

// What a resumed sweep must have in common with the one that began the file.
nlohmann::json with_grid(nlohmann::json asked, const Grid& grid, const Corpus& corpus,
                         std::uint64_t seed) {
  asked["corpus"] = corpus.sha256;
  asked["seed"] = seed;
  asked["width"] = grid.widths;
  asked["batch"] = grid.batches;
  asked["lr"] = grid.lrs;
  asked["budget"] = grid.budgets;
  return asked;
}

void report_sweep(const SweepResults& results, const Corpus& corpus, const Options& options,
                  const ParallelOptions& parallel, int workers) {
  fmt::print(
      "{}\nseconds: thread CPU time of training alone, without what other work took from\n"
      "the core; {} run{} side by side\n",
      front_text(results.runs, results.plan), workers, workers > 1 ? "s" : "");
  if (results.runs.size() < results.plan.size()) {
    fmt::print("\n{} of {} runs were made; the same command with --resume makes the others\n",
               results.runs.size(), results.plan.size());
  }
  if (options.json.empty()) return;
  nlohmann::json json = front_json(results.runs, results.plan);
  json["stage"] = "09_fast_training";
  json["machine"] = machine_json();
  json["corpus"] = {{"name", corpus.name}, {"rows", corpus.rows.size()}, {"sha256", corpus.sha256}};
  json["protocol"] = "held out";
  json["clock"] = "thread_cpu";
  json["seed"] = options.seed;
  json["workers"] = workers;
  json["interrupted"] = interrupted();
  json["runs_file"] = parallel.runs;
  write_json(options.json, json);
}

}  // namespace

int ParallelOptions::threads_of_rank() const {
  if (threads > 0) return threads;
  if (processes_started() > 1) return 1;
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, most_threads);
}

void add_parallel_options(CommandLine& cli, ParallelOptions& options) {
  cli.app.add_flag("--pareto", options.pareto,
                   "train many configurations instead, several side by side, and show which of "
                   "them none beats in both time and NLL");
  cli.app.add_flag("--data-parallel", options.data_parallel,
                   "split every batch between threads, and between processes that mpirun started; "
                   "with --bench: when that pays");
  add_whole_number(
      cli.app, "--threads", 1, most_threads,
      [&options](std::int64_t threads) { options.threads = static_cast<int>(threads); },
      "for --pareto and --data-parallel")
      ->default_str("all cores");
  cli.app
      .add_option_function<std::vector<std::string>>(
          "--budget",
          [&options](const std::vector<std::string>& texts) {
            options.budgets = parse_budgets(texts);
          },
          "seconds of each run of --pareto: one or more, with commas between them")
      ->delimiter(',')
      ->type_name("X,…")
      ->default_str("1,5,20");
  cli.app.add_option("--runs", options.runs,
                     "file to which --pareto adds every run once it is finished");
  cli.app.add_flag("--resume", options.resume, "go on with a --pareto that was broken off");
  cli.reads("--runs");
  cli.mode("--pareto", {"--data", "--seed", "--json", "--force", "--quiet", "--width", "--batch",
                        "--lr", "--microgpt", "--optimizer", "--vectors", "--threads", "--budget",
                        "--runs", "--resume"});
}

void check_parallel_options(const CLI::App& app, const ParallelOptions& options) {
  const auto given = [&](const char* option) { return app.get_option(option)->count() > 0; };
  for (const char* option : {"--budget", "--runs", "--resume"}) {
    if (given(option) && !options.pareto) {
      throw UsageError(fmt::format("{} has no effect without --pareto", option));
    }
  }
  const bool parallel = options.pareto || options.data_parallel;
  if (given("--threads") && !parallel) {
    throw UsageError("--threads has no effect without --pareto or --data-parallel");
  }
  if (options.resume && given("--force")) {
    throw UsageError("--resume goes on with a file and --force begins it anew; leave one out");
  }
  if (given("--bench") && options.data_parallel) {
    for (const char* option : {"--batch", "--vectors"}) {
      if (given(option)) {
        throw UsageError(fmt::format("{} has no effect with --bench --data-parallel", option));
      }
    }
  }
  const int processes = processes_started();
  if (processes > 1 && !parallel) {
    throw UsageError(fmt::format(
        "mpirun started {} processes, which would all do the same; add --pareto or --data-parallel",
        processes));
  }
  for (const char* option : {"--data", "--score"}) {
    if (processes > 1 && given(option) && app.get_option(option)->results().front() == "-") {
      throw UsageError(
          fmt::format("{} -: under mpirun only one process has standard input; name a "
                      "file",
                      option));
    }
  }
  if (processes > 1 && options.pareto && given("--threads")) {
    throw UsageError("--threads has no effect on --pareto under mpirun: -np says how many runs");
  }
}

Grid default_grid(bool adam) {
  return {.widths = {16, 32, 64},
          .batches = {16, 64},
          .lrs = adam ? std::vector<double>{0.003, 0.01} : std::vector<double>{0.1, 0.3},
          .budgets = {}};
}

void run_pareto(const Options& options, const ParallelOptions& parallel, Grid grid, bool gains,
                const MakeTrainerOfShape& make, nlohmann::json asked, Ranks& ranks) {
  Corpus corpus = load_corpus(options.data);
  drop_longer_than(corpus, GptShape::block_size - 1);
  const Tokenizer tokenizer(corpus.rows);
  const Dataset dataset = split_held_out(tokenizer.encode_all(corpus.rows), options.seed);
  grid.budgets = parallel.budgets;
  if (!options.quiet) {
    fmt::print("corpus  {}\nruns    {}\n\n", describe(corpus), parallel.runs);
    std::fflush(stdout);
  }
  if (ranks.rank() == 0) {
    const std::string inputs[] = {corpus_path(options.data)};
    check_output(parallel.runs, inputs, true);  // what is in it already is for RunsFile to judge
  }
  const int threads = parallel.threads_of_rank();
  const SweepResults results =
      run_sweep({.grid = grid,
                 .dataset = dataset,
                 .make =
                     [&](int width) {
                       return make({width, tokenizer.vocab_size(), gains});
                     },
                 .seed = options.seed,
                 .asked = with_grid(std::move(asked), grid, corpus, options.seed),
                 .file = parallel.runs,
                 .resume = parallel.resume,
                 .force = options.force,
                 .quiet = options.quiet,
                 .threads = threads},
                ranks);
  if (ranks.rank() > 0) return;
  report_sweep(results, corpus, options, parallel, threads + ranks.size() - 1);
}

}  // namespace ladder
