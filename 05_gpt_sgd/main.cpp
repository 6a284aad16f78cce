// Stage 5: a GPT. Every letter can look at all the letters before it.

#include <fmt/format.h>

#include "05_gpt_sgd/gpt.hpp"
#include "05_gpt_sgd/show.hpp"
#include "common/command_line.hpp"
#include "common/divergence.hpp"
#include "common/program.hpp"
#include "common/results.hpp"

namespace ladder {
namespace {

void run(const Options& options, const TrainingPlan& plan) {
  // 1. The names; a batch is made of whole names now.
  Corpus corpus = load_corpus(options.data);
  drop_longer_than(corpus, Gpt::block_size - 1);
  const Tokenizer tokenizer(corpus.rows);
  const Questions questions = read_questions(options, tokenizer, Gpt::block_size);
  const Dataset dataset = make_dataset(options, tokenizer.encode_all(corpus.rows));
  if (!options.quiet) fmt::print("corpus  {}\n", describe(corpus));

  // 2. The model: one attention head, and RMSNorms with learnt gains.
  Gpt gpt({.vocab_size = tokenizer.vocab_size(), .n_head = 1, .gains = true}, Random(options.seed));

  // 3. Learn, with the plain gradient descent of stage 04.
  const Step step = tape_step(
      gpt.parameters(), [&](MatrixTape& tape, Batch batch) { return gpt.loss(tape, batch); }, sgd);
  const TrainingRun run =
      train_batches(dataset.train, plan, step, options.quiet ? "" : "05_gpt_sgd");
  if (!options.quiet) fmt::print("\nthe loss fell: {}\n", describe_losses(run.losses));

  // 4. How good is it, and where does it look?
  Results results{.stage = "05_gpt_sgd",
                  .adds = "attention: a GPT",
                  .parameters = count_numbers(gpt.parameters()),
                  .train_nll = gpt.nll(dataset.train),
                  .val_nll = {},
                  .seconds = run.seconds,
                  .steps = run.steps,
                  .answers = {},
                  .vocab_size = tokenizer.vocab_size()};
  check_trained(results.train_nll, results.vocab_size, run.steps, plan.lr);
  if (options.held_out) results.val_nll = gpt.nll(dataset.held_out);
  if (!options.quiet) print_attention(gpt, tokenizer, dataset.train.front());

  // 5. Draw names from it.
  results.answers = answer(questions, gpt.next_logits(), tokenizer);
  if (!options.quiet) print_count_model(dataset, tokenizer.vocab_size());
  report(results, corpus, options);
}

}  // namespace
}  // namespace ladder

int main(int argc, char** argv) {
  using ladder::Flag;
  return ladder::run_program([&] {
    ladder::Options options;
    ladder::TrainingPlan plan = ladder::gpt_sgd_plan;
    options.steps = plan.steps;
    ladder::CommandLine cli("05_gpt_sgd", "Stage 5: a GPT with one attention head, plain SGD.",
                            options,
                            {Flag::data, Flag::held_out, Flag::seed, Flag::steps, Flag::samples,
                             Flag::temperature, Flag::compare});
    ladder::add_plan_options(cli.app, plan);
    if (!cli.parse(argc, argv)) return;
    plan.steps = options.steps;
    plan.seed = options.seed;
    ladder::run(options, plan);
  });
}
