#include "08_hardware/cuda/training/program.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "04_mlp/training.hpp"
#include "06_gpt_adam/gpt_weights.hpp"
#include "08_hardware/cuda/device.hpp"
#include "08_hardware/cuda/training/crossover.hpp"
#include "08_hardware/cuda/training/gpt_numbers.hpp"
#include "common/command_line.hpp"
#include "common/divergence.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/program.hpp"
#include "common/progress.hpp"
#include "common/results.hpp"

namespace ladder::gpu {
namespace {

struct TrainingOptions {
  int width = n_embd;               // --width
  bool launches = false;            // --per-op: a kernel an operation
  bool emulated = false;            // --emulated: also where there is a GPU
  bool train = false;               // --train
  bool crossover = false;           // --crossover
  int rounds = 21;                  // --rounds
  std::vector<std::string> beside;  // --beside: results of a processor
};

// The canonical alphabet, which the kernels are made for.
Tokenizer tokenizer_of(const Corpus& corpus) {
  Tokenizer tokenizer(corpus.rows);
  if (tokenizer == Tokenizer::canonical()) return tokenizer;
  throw Error("the kernels know the letters a to z, and " + corpus.name +
              " has others; stage 06 trains on any");
}

// Mean NLL by stage 06's tape, in double: the judge is not the judged.
double nll_of(Gpt& gpt, const std::vector<Tokens>& names, bool quiet) {
  constexpr std::size_t at_once = 512;
  Progress progress("08_cuda, NLL", std::ssize(names), quiet);
  std::size_t done = 0;
  return mean_nll(names, at_once, [&](Batch batch) {
    std::vector<Tokens> part;
    for (const Tokens* name : batch) part.push_back(*name);
    const double mean = gpt.nll(part);
    progress.update(static_cast<long>(done += part.size()), mean);
    return BatchNll{mean, count_predictions(part)};
  });
}

void train(const Options& options, const TrainingPlan& plan, const TrainingOptions& extras) {
  // 1. The names.
  Corpus corpus = load_corpus(options.data);
  drop_longer_than(corpus, block_size - 1);
  const Tokenizer tokenizer = tokenizer_of(corpus);
  const Questions questions = read_questions(options, tokenizer, block_size);
  const Dataset dataset = make_dataset(options, tokenizer.encode_all(corpus.rows));

  // 2. The model, and who trains it.
  Gpt gpt(trained_config(extras.width), Random(options.seed));
  const ModelLayout layout{extras.width};
  const Variant variant = extras.launches ? Variant::launch_per_op : Variant::persistent;
  const bool emulated = extras.emulated || !no_device_because().empty();
  const auto trainer = emulated ? make_emulated_trainer(layout, numbers_of(gpt), variant)
                                : make_device_trainer(layout, numbers_of(gpt), variant);
  if (!options.quiet) {
    fmt::print("corpus  {}\n", describe(corpus));
    print_device();
    fmt::print("steps   {}, {}\n", extras.launches ? "27 kernels each" : "one kernel each",
               emulated ? "emulated: blocks and threads in turn, no speed of a GPU" : "on the GPU");
  }

  // 3. Learn.
  const TrainingRun run = train_batches(
      dataset.train, plan, [&](Batch batch, double lr) { return trainer->step(batch, lr); },
      options.quiet ? "" : "08_cuda --train");
  if (!options.quiet) fmt::print("\nthe loss fell: {}\n", describe_losses(run.losses));

  // 4. What was learnt goes back into stage 06's model.
  set_numbers(gpt, trainer->parameters());
  Weights weights = to_weights(gpt);
  weights.metadata["command"] =
      fmt::format("08_cuda --train --width {} --batch {} --steps {} --lr {} --seed {}",
                  extras.width, plan.batch_size, run.steps, plan.lr, plan.seed);
  if (!options.weights.empty()) save_weights(options.weights, weights);
  const double train_nll = nll_of(gpt, dataset.train, options.quiet);
  Results results{.stage = "08_cuda",
                  .adds = emulated ? "a GPU's kernels, emulated" : "a GPU",
                  .parameters = static_cast<std::size_t>(layout.size()),
                  .train_nll = train_nll,
                  .val_nll = {},
                  .seconds = run.seconds,
                  .steps = run.steps,
                  .answers = answer(questions, gpt.next_logits(), tokenizer),
                  .vocab_size = tokenizer.vocab_size()};
  if (options.held_out) results.val_nll = nll_of(gpt, dataset.held_out, options.quiet);
  report(results, corpus, options);
}

void measure(const Options& options, const TrainingOptions& extras) {
  const std::string why_not = no_device_because();
  if (!why_not.empty()) {
    throw Error("there is nothing to measure: " + why_not +
                "; --train needs no GPU, it emulates one");
  }
  Corpus corpus = load_corpus(options.data);
  drop_longer_than(corpus, block_size - 1);
  const auto names = tokenizer_of(corpus).encode_all(corpus.rows);
  print_device();
  run_crossover(names, {.rounds = extras.rounds,
                        .seed = options.seed,
                        .quiet = options.quiet,
                        .json = options.json,
                        .beside = extras.beside});
}

void add_options(CommandLine& cli, TrainingPlan& plan, TrainingOptions& extras) {
  cli.app.add_flag("--train", extras.train, "learn names by the kernels of training");
  cli.app.add_flag("--crossover", extras.crossover,
                   "instead measure steps on the GPU, widths 16 to 128, batches 16 to 4096");
  add_plan_options(cli.app, plan);
  add_whole_number(cli.app, "--width", extras.width, 16, widest, "of the model, a multiple of 16");
  cli.app.add_flag("--per-op", extras.launches, "launch a kernel an operation, not one a step");
  cli.app.add_flag("--emulated", extras.emulated, "on emulated blocks, also where there is a GPU");
  add_whole_number(cli.app, "--rounds", extras.rounds, 1, 10'000, "of --crossover");
  cli.app.add_option("--beside", extras.beside,
                     "a file of 09_fast_training --bench --json, whose steps stand beside those of "
                     "--crossover (may be given again)");
  cli.mode("--crossover",
           {"--data", "--seed", "--json", "--force", "--quiet", "--rounds", "--beside"});
  cli.reads("--beside");
  cli.writes("--weights");
}

}  // namespace

bool is_training_asked(int argc, const char* const* argv) {
  return std::any_of(argv + 1, argv + argc, [](std::string_view word) {
    return word == "--train" || word == "--crossover";
  });
}

int training_main(int argc, char** argv) {
  return run_program([&] {
    Options options;
    TrainingOptions extras;
    TrainingPlan plan = {.steps = 1000, .batch_size = 32, .lr = 0.01, .seed = 42};
    options.steps = plan.steps;
    CommandLine cli("08_cuda", "Stage 8, CUDA: training, a kernel an operation or one a step.",
                    options,
                    {Flag::data, Flag::held_out, Flag::seed, Flag::steps, Flag::samples,
                     Flag::temperature, Flag::weights});
    add_options(cli, plan, extras);
    if (!cli.parse(argc, argv)) return;
    for (const char* option : {"--rounds", "--beside"}) {
      if (!extras.crossover && cli.app.count(option) > 0) {
        throw UsageError(fmt::format("{} is about measured steps: add --crossover", option));
      }
    }
    plan.steps = options.steps;
    plan.seed = options.seed;
    if (extras.crossover) return measure(options, extras);
    train(options, plan, extras);
  });
}

}  // namespace ladder::gpu
