// Stage 9: the GPT of stages 5 and 6 without a graph: forward and backward by hand, a batch as one
// matrix, vectors as wide as the processor has them.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "09_fast_training/bench.hpp"
#include "09_fast_training/study/study.hpp"
#include "09_fast_training/sweep/data_parallel.hpp"
#include "09_fast_training/sweep/modes.hpp"
#include "09_fast_training/trainer.hpp"
#include "common/command_line.hpp"
#include "common/divergence.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/program.hpp"
#include "common/results.hpp"

namespace ladder {
namespace {

// Batch 64, and no more than a few seconds of one core.
constexpr TrainingPlan fast_plan = {.steps = 47'000, .batch_size = 64, .lr = 0.008, .seed = 42};

struct Extras {
  bool microgpt = false;   // --microgpt: 4,192 parameters
  bool bench = false;      // --bench
  bool in_double = false;  // --double
  bool merge = false;      // --merge
  int width = 16;          // --width
  long warm_up = 0;        // --warm-up
  std::string optimizer = "adam", engine = "fast", vectors;
};

std::unique_ptr<Trainer> make_trainer(const GptParameters& parameters, const Extras& extras) {
  const OptimizerOptions optimizer = {.adam = extras.optimizer == "adam",
                                      .options = extras.microgpt ? microgpt_adam : gpt_adam};
  if (extras.engine == "plain") {
    return extras.in_double ? make_plain_trainer<double>(parameters, optimizer)
                            : make_plain_trainer<float>(parameters, optimizer);
  }
  return extras.in_double ? make_fast_trainer<double>(parameters, optimizer, extras.vectors)
                          : make_fast_trainer<float>(parameters, optimizer, extras.vectors);
}

void run(const Options& options, const TrainingPlan& plan, const Extras& extras,
         const ParallelOptions& parallel, Ranks& ranks) {
  // 1. The names, a tenth of them held out.
  Corpus corpus = load_corpus(options.data);
  drop_longer_than(corpus, GptShape::block_size - 1);
  const Tokenizer tokenizer(corpus.rows);
  const Questions questions = read_questions(options, tokenizer, GptShape::block_size);
  const Dataset dataset = make_dataset(options, tokenizer.encode_all(corpus.rows));
  if (!options.quiet) fmt::print("corpus  {}\n", describe(corpus));

  // 2. The model: one array of numbers.
  const GptShape shape = {extras.width, tokenizer.vocab_size(), !extras.microgpt};
  const GptParameters first = draw_parameters(shape, Random(options.seed));
  const std::unique_ptr<Trainer> trainer = make_trainer(first, extras);
  trainer->packing = extras.merge ? Packing::merged : Packing::names;

  // 3. Learn.
  std::unique_ptr<DataParallel> split;
  if (parallel.data_parallel) {
    split = std::make_unique<DataParallel>(
        *trainer, [&] { return make_trainer(first, extras); }, parallel.threads_of_rank(), ranks);
  }
  const Step step = with_warm_up(
      [&](Batch names, double lr) {
        return split ? split->step(names, lr) : trainer->step(names, lr);
      },
      extras.warm_up);
  const TrainingRun run =
      train_batches(dataset.train, plan, step, options.quiet ? "" : "09_fast_training");
  if (!options.quiet) {
    fmt::print("\nthe loss fell: {}\n{:.1f} µs a step of {} names\n", describe_losses(run.losses),
               1e6 * run.seconds / static_cast<double>(run.steps), plan.batch_size);
  }

  // 4. The weights, rounded to float: from here on the model is what the file says.
  const Weights weights = to_weights(trainer->parameters());
  trainer->set_parameters(parameters_from_weights(weights));
  const double train_nll = trainer->nll(dataset.train);
  check_trained(train_nll, tokenizer.vocab_size(), run.steps, plan.lr);
  if (!options.weights.empty()) save_weights(options.weights, weights);

  // 5. How good is it?
  Results results{.stage = "09_fast_training",
                  .adds = "no graph: by hand, in batches and vectors",
                  .parameters = first.values.size(),
                  .train_nll = train_nll,
                  .val_nll = {},
                  .seconds = run.seconds,
                  .steps = run.steps,
                  .answers = {},
                  .vocab_size = tokenizer.vocab_size()};
  if (options.held_out) results.val_nll = trainer->nll(dataset.held_out);

  // 6. Draw names from it.
  results.answers = answer(questions, trainer->next_logits(), tokenizer);
  if (!options.quiet) print_count_model(dataset, tokenizer.vocab_size());
  report(results, corpus, options);
}

// Each with each, but for what the reader holds fixed.
void run_sweep_of(const CLI::App& app, const Options& options, const TrainingPlan& plan,
                  const Extras& extras, const ParallelOptions& parallel, Ranks& ranks) {
  Grid grid = default_grid(extras.optimizer == "adam");
  if (app.count("--width") > 0) grid.widths = {extras.width};
  if (app.count("--batch") > 0) grid.batches = {plan.batch_size};
  if (app.count("--lr") > 0) grid.lrs = {plan.lr};
  const auto make = [&](const GptShape& shape) {
    return make_trainer(draw_parameters(shape, Random(options.seed)), extras);
  };
  run_pareto(options, parallel, grid, !extras.microgpt, make,
             {{"model", extras.microgpt ? "microgpt" : "gains"},
              {"optimizer", extras.optimizer},
              {"vectors", extras.vectors.empty() ? vector_names().back() : extras.vectors}},
             ranks);
}

void add_extras(CLI::App& app, Extras& extras) {
  app.add_option("--width", extras.width, "of the model: 16, 32, 64 or 128")
      ->check(CLI::IsMember(std::vector<int>(std::begin(gpt_widths), std::end(gpt_widths))));
  app.add_option("--optimizer", extras.optimizer, "adam or sgd")
      ->check(CLI::IsMember({"adam", "sgd"}));
  add_whole_number(app, "--warm-up", extras.warm_up, 0, 1'000'000'000,
                   "steps over which the learning rate climbs first");
  app.add_option("--engine", extras.engine, "fast, or plain: the textbook's loops")
      ->check(CLI::IsMember({"fast", "plain"}));
  app.add_option("--vectors", extras.vectors,
                 fmt::format("of the fast engine, the widest unless named: {}",
                             fmt::join(vector_names(), ", ")))
      ->check(CLI::IsMember(vector_names()));
  app.add_flag("--double", extras.in_double, "in double precision instead of float");
  app.add_flag("--merge", extras.merge, "compute what names of a batch have in common once");
  app.add_flag("--microgpt", extras.microgpt,
               "microgpt.py's model: no gains, betas .85 and .99; 4,192 parameters at width 16");
  app.add_flag("--bench", extras.bench, "time steps at several widths instead");
}

}  // namespace
}  // namespace ladder

int main(int argc, char** argv) {
  using ladder::Flag;
  return ladder::run_program([&] {
    ladder::Options options;
    ladder::Extras extras;
    ladder::Studies studies;
    ladder::TrainingPlan plan = ladder::fast_plan;
    options.steps = plan.steps;
    options.held_out = true;
    ladder::CommandLine cli("09_fast_training",
                            "Stage 9: the same GPT without a graph, as fast as one core can.",
                            options,
                            {Flag::data, Flag::held_out, Flag::seed, Flag::steps, Flag::samples,
                             Flag::temperature, Flag::weights, Flag::compare});
    ladder::add_plan_options(cli.app, plan);
    ladder::add_extras(cli.app, extras);
    ladder::ParallelOptions parallel;
    ladder::add_parallel_options(cli, parallel);
    cli.mode("--bench", {"--data", "--seed", "--json", "--force", "--quiet", "--batch", "--vectors",
                         "--data-parallel", "--threads"});
    ladder::add_studies(cli, studies);
    cli.writes("--weights");
    if (!cli.parse(argc, argv)) return;
    if (extras.engine == "plain" && !extras.vectors.empty()) {
      throw ladder::UsageError("--vectors has no effect with --engine plain");
    }
    ladder::check_parallel_options(cli.app, parallel);
    const std::unique_ptr<ladder::Ranks> ranks = ladder::make_ranks();
    if (ranks->rank() > 0) options.json.clear(), options.weights.clear();
    plan.steps = options.steps;
    plan.seed = options.seed;
    if (parallel.pareto) {
      return ladder::run_sweep_of(cli.app, options, plan, extras, parallel, *ranks);
    }
    if (extras.bench && parallel.data_parallel) {
      return ladder::run_parallel_bench(options, parallel, *ranks);
    }
    if (extras.bench) {
      const bool chosen = cli.app.count("--batch") > 0;
      return ladder::run_bench(options, chosen ? plan.batch_size : 16, extras.vectors);
    }
    if (ladder::ran_study(cli, studies, options)) return;
    ladder::run(options, plan, extras, parallel, *ranks);
  });
}
