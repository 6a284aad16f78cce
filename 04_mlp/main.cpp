// Stage 4: letters become vectors, and a small network looks at three of them at once.

#include <algorithm>

#include <fmt/format.h>

#include "04_mlp/mlp.hpp"
#include "04_mlp/training.hpp"
#include "common/command_line.hpp"
#include "common/divergence.hpp"
#include "common/program.hpp"
#include "common/results.hpp"

namespace ladder {
namespace {

// Which letters ended up with similar vectors: they are followed by similar things.
void print_neighbours(const Mlp& mlp, const Tokenizer& tokenizer) {
  const Matrix unit = mlp.wte.value.rowwise().normalized();  // (27, 10)
  const Matrix similarity = unit * unit.transpose();         // (27, 27), cosines
  fmt::print("\nletters whose vectors are most alike (cosine)\n");
  std::vector<std::pair<double, std::string>> pairs;
  for (int i = 0; i < tokenizer.vocab_size(); ++i) {
    for (int j = 0; j < i; ++j) {
      pairs.emplace_back(similarity(i, j), tokenizer.symbol(j) + " " + tokenizer.symbol(i));
    }
  }
  std::sort(pairs.rbegin(), pairs.rend());
  pairs.resize(std::min<std::size_t>(pairs.size(), 8));
  for (const auto& [cosine, letters] : pairs) fmt::print("  {}  {:.2f}\n", letters, cosine);
}

void run(const Options& options, const TrainingPlan& plan) {
  // 1. Every letter is an example: three letters of context, and the letter that came next.
  const Corpus corpus = load_corpus(options.data);
  const Tokenizer tokenizer(corpus.rows);
  constexpr int longest = 30;
  const Questions questions = read_questions(options, tokenizer, longest);
  const Dataset dataset = make_dataset(options, tokenizer.encode_all(corpus.rows));
  const std::vector<Tokens> examples = make_examples(dataset.train, tokenizer.bos());
  if (!options.quiet) fmt::print("corpus  {}\n", describe(corpus));

  // 2. The model, with random weights.
  Mlp mlp(tokenizer.vocab_size(), Random(options.seed));

  // 3. Learn: a batch of examples, the tape backwards, a small step, half a million times.
  const Step step = tape_step(
      mlp.parameters(), [&](MatrixTape& tape, Batch batch) { return mlp_loss(mlp, tape, batch); },
      sgd);
  const TrainingRun run = train_batches(examples, plan, step, options.quiet ? "" : "04_mlp");
  if (!options.quiet) fmt::print("\nthe loss fell: {}\n", describe_losses(run.losses));

  // 4. How good is it, and what did it find out about letters?
  Results results{.stage = "04_mlp",
                  .adds = "embeddings and a hidden layer",
                  .parameters = count_numbers(mlp.parameters()),
                  .train_nll = mlp_nll(mlp, examples),
                  .val_nll = {},
                  .seconds = run.seconds,
                  .steps = run.steps,
                  .answers = {},
                  .vocab_size = tokenizer.vocab_size()};
  check_trained(results.train_nll, results.vocab_size, run.steps, plan.lr);
  if (options.held_out) {
    results.val_nll = mlp_nll(mlp, make_examples(dataset.held_out, tokenizer.bos()));
  }
  if (!options.quiet) print_neighbours(mlp, tokenizer);

  // 5. Draw names from it.
  MatrixTape tape;
  const NextLogits next_logits = [&](std::span<const int> so_far) {
    tape.reset();
    const MatrixMap row = mlp.logits(tape, context_after(so_far, tokenizer.bos())).data();
    return std::vector<double>(row.data(), row.data() + row.size());
  };
  results.answers = answer(questions, next_logits, tokenizer);
  if (!options.quiet) print_count_model(dataset, tokenizer.vocab_size());
  report(results, corpus, options);
}

}  // namespace
}  // namespace ladder

int main(int argc, char** argv) {
  using ladder::Flag;
  return ladder::run_program([&] {
    ladder::Options options;
    ladder::TrainingPlan plan = ladder::mlp_plan;
    options.steps = plan.steps;
    ladder::CommandLine cli(
        "04_mlp", "Stage 4: a multilayer perceptron on three letters of context.", options,
        {Flag::data, Flag::held_out, Flag::seed, Flag::steps, Flag::samples, Flag::temperature,
         Flag::compare});
    ladder::add_plan_options(cli.app, plan);
    if (!cli.parse(argc, argv)) return;
    plan.steps = options.steps;
    plan.seed = options.seed;
    ladder::run(options, plan);
  });
}
