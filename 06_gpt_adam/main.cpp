// Stage 6: the same GPT, four heads, and Adam instead of plain gradient descent. Its weights are
// what every later stage runs.

#include <fmt/format.h>

#include "05_gpt_sgd/show.hpp"
#include "06_gpt_adam/adam.hpp"
#include "06_gpt_adam/bench.hpp"
#include "06_gpt_adam/gpt_weights.hpp"
#include "06_gpt_adam/recipe.hpp"
#include "06_gpt_adam/replay.hpp"
#include "06_gpt_adam/straight_through.hpp"
#include "common/command_line.hpp"
#include "common/divergence.hpp"
#include "common/error.hpp"
#include "common/program.hpp"
#include "common/progress.hpp"
#include "common/results.hpp"

namespace ladder {
namespace {

struct Extras {
  bool microgpt = false;  // --microgpt: 4,192 parameters
  bool replay = false;    // --replay
  bool bench = false;     // --bench
  std::string from;       // --from: weights to start with
  std::string bits;       // --bits: of a weight; empty for as many as a float has
  int levels = 0;         // that many values for the weights of a row; 0 for any
  std::string golden;     // --golden: write golden logits here
};

// The command that makes the same weights again, for the file's metadata.
std::string command_of(const Options& options, const TrainingPlan& plan, const Extras& extras,
                       long steps_made) {
  std::string words = "06_gpt_adam";
  if (extras.microgpt) words += " --microgpt";
  if (!extras.from.empty()) words += " --from " + extras.from;
  if (extras.levels) words += " --bits " + extras.bits;
  if (!options.held_out) words += " --corpus";
  words += fmt::format(" --batch {} --steps {} --lr {} --seed {}", plan.batch_size, plan.steps,
                       plan.lr, plan.seed);
  if (steps_made < plan.steps) words += fmt::format(", interrupted after step {}", steps_made);
  return words;
}

// Weights drawn at random, or read from a file.
Gpt first_gpt(const Options& options, const Extras& extras, int vocab_size) {
  if (extras.from.empty()) {
    return Gpt({.vocab_size = vocab_size, .n_head = 4, .gains = !extras.microgpt},
               Random(options.seed));
  }
  Gpt gpt = gpt_from_weights(load_weights(extras.from));
  if (gpt.config().vocab_size == vocab_size) return gpt;
  throw Error(fmt::format("the weights of {} are for {} symbols, and this corpus has {}",
                          extras.from, gpt.config().vocab_size, vocab_size));
}

void run(const Options& options, const TrainingPlan& plan, const Extras& extras) {
  // 1. The names, a tenth of them held out.
  Corpus corpus = load_corpus(options.data);
  drop_longer_than(corpus, Gpt::block_size - 1);
  const Tokenizer tokenizer(corpus.rows);
  const Questions questions = read_questions(options, tokenizer, Gpt::block_size);
  const Dataset dataset = make_dataset(options, tokenizer.encode_all(corpus.rows));
  if (!extras.golden.empty()) check_golden_alphabet(tokenizer);
  if (!options.quiet) fmt::print("corpus  {}\n", describe(corpus));

  // 2. The model: four attention heads.
  Gpt gpt = first_gpt(options, extras, tokenizer.vocab_size());

  // 3. Learn, with a step size for every parameter.
  Adam adam(gpt.config().gains ? gpt_adam : microgpt_adam);
  const BatchLoss loss = [&](MatrixTape& tape, Batch batch) { return gpt.loss(tape, batch); };
  const Update update = [&](std::span<Parameter* const> parameters, double lr) {
    adam.update(parameters, lr);
  };
  const Step step = extras.levels
                        ? straight_through_step(gpt.parameters(), extras.levels, loss, update)
                        : tape_step(gpt.parameters(), loss, update);
  const TrainingRun run =
      train_batches(dataset.train, plan, step, options.quiet ? "" : "06_gpt_adam");
  if (!options.quiet) fmt::print("\nthe loss fell: {}\n", describe_losses(run.losses));

  // 4. The weights, rounded to float: from here on the model is what the file says.
  if (extras.levels) round_matrices(gpt.parameters(), extras.levels);
  Weights weights = to_weights(gpt);
  weights.metadata["command"] = command_of(options, plan, extras, run.steps);
  gpt = gpt_from_weights(weights);
  const double train_nll = gpt.nll(dataset.train);
  check_trained(train_nll, tokenizer.vocab_size(), run.steps, plan.lr);
  if (!options.weights.empty()) save_weights(options.weights, weights);
  if (!extras.golden.empty()) write_golden_logits(extras.golden, gpt);

  // 5. How good is it, and where do its heads look?
  Results results{.stage = "06_gpt_adam",
                  .adds = "Adam, four heads",
                  .parameters = count_numbers(gpt.parameters()),
                  .train_nll = train_nll,
                  .val_nll = {},
                  .seconds = run.seconds,
                  .steps = run.steps,
                  .answers = {},
                  .vocab_size = tokenizer.vocab_size()};
  if (options.held_out) results.val_nll = gpt.nll(dataset.held_out);
  if (!options.quiet) print_attention(gpt, tokenizer, dataset.train.front());

  // 6. Draw names from it.
  results.answers = answer(questions, gpt.next_logits(), tokenizer);
  if (!options.quiet) print_count_model(dataset, tokenizer.vocab_size());
  report(results, corpus, options);
}

void compare_with_published(const char* tape, const Replay& mine, const Replay& published) {
  fmt::print("  {}  {:7.2f} s   largest difference of a loss {:.1e}   {}\n", tape, mine.seconds,
             largest_difference(mine, published),
             mine.names == published.names ? "the same 20 names" : "other names");
}

void run_replay(const Options& options) {
  const Corpus corpus = load_corpus(options.data);
  if (!corpus.is_canonical()) {
    throw Error("microgpt.py was trained on the canonical names.txt, and this is " + corpus.name +
                "; get it with ./run.sh, or name it with --data");
  }
  const auto on_step = [&](const char* label) {
    return [progress = std::make_shared<Progress>(label, 1000, options.quiet)](long steps_done,
                                                                               double loss) {
      progress->update(steps_done, loss);
      return !interrupted();
    };
  };
  const Replay scalars = replay_on_scalars(corpus.rows, on_step("scalar tape"));
  const Replay matrices = replay_on_matrices(corpus.rows, on_step("matrix tape"));
  if (interrupted()) return;

  const Replay published = published_run();
  fmt::print(
      "microgpt.py (Karpathy, 2026): seed 42, 1,000 steps of Adam, one name each, in double\n\n");
  fmt::print(
      "  CPython 3.11  264 s      its own losses are the measure (measured once, not now)\n");
  compare_with_published("scalar tape ", scalars, published);
  compare_with_published("matrix tape ", matrices, published);
  fmt::print("\nthe loss of the last step: {:.16g}\n\n", scalars.losses.back());
  for (const std::string& name : scalars.names) fmt::print("  {}\n", name);
}

}  // namespace
}  // namespace ladder

int main(int argc, char** argv) {
  using ladder::Flag;
  return ladder::run_program([&] {
    ladder::Options options;
    ladder::Extras extras;
    ladder::TrainingPlan plan = ladder::gpt_adam_plan;
    options.steps = plan.steps;
    options.held_out = true;
    ladder::CommandLine cli("06_gpt_adam", "Stage 6: a GPT with four attention heads, and Adam.",
                            options,
                            {Flag::data, Flag::held_out, Flag::seed, Flag::steps, Flag::samples,
                             Flag::temperature, Flag::weights, Flag::compare});
    ladder::add_plan_options(cli.app, plan);
    cli.app.add_flag("--microgpt", extras.microgpt,
                     "microgpt.py's model: 4,192 parameters, no gains, betas .85 and .99");
    cli.app
        .add_option("--from", extras.from,
                    "weights to start with, a safetensors file of any variant")
        ->excludes("--microgpt");
    cli.app.add_option("--bits", extras.bits,
                       "train weights of so few bits: 2 to 8, or 1.58 (three values)");
    cli.app.add_option("--golden", extras.golden,
                       "write the logits by which engines are judged to this JSON file");
    cli.app.add_flag("--replay", extras.replay, "repeat microgpt.py, step for step, instead");
    cli.app.add_flag("--bench", extras.bench, "time both tapes on one name instead");
    cli.mode("--replay", {"--data", "--quiet"});
    cli.mode("--bench", {"--data", "--seed", "--json", "--force", "--quiet"});
    cli.reads("--from");
    cli.writes("--weights");
    cli.writes("--golden");
    if (!cli.parse(argc, argv)) return;
    plan.steps = options.steps;
    plan.seed = options.seed;
    if (!extras.bits.empty()) extras.levels = ladder::levels_of(extras.bits);
    if (extras.replay) return ladder::run_replay(options);
    if (extras.bench) return ladder::run_bench(options);
    ladder::run(options, plan, extras);
  });
}
