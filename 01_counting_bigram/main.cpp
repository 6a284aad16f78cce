// Stage 1: count which letter follows which. No learning, and already names come out.

#include <cmath>

#include <fmt/format.h>

#include "01_counting_bigram/count_model.hpp"
#include "common/command_line.hpp"
#include "common/program.hpp"
#include "common/results.hpp"
#include "common/terminal.hpp"
#include "common/timing.hpp"

namespace ladder {
namespace {

void print_count_table(const Matrix& counts, const Tokenizer& tokenizer) {
  std::vector<std::string> symbols;
  for (int token = 0; token < tokenizer.vocab_size(); ++token) {
    symbols.push_back(tokenizer.symbol(token));
  }
  // The square root lets rare pairs be seen beside the frequent ones.
  const Matrix shades = counts.cwiseSqrt();
  const std::vector<double> values(shades.data(), shades.data() + shades.size());
  fmt::print(
      "\nwhat follows what: a row is a letter, a column the next one, · begins and ends\n\n{}",
      heat_map(values, symbols, symbols, stdout_has_colour()));

  Eigen::Index row = 0, column = 0;
  const double most = counts.maxCoeff(&row, &column);
  fmt::print("\nthe most frequent pair is '{}{}', {} times\n",
             symbols[static_cast<std::size_t>(row)], symbols[static_cast<std::size_t>(column)],
             with_commas(static_cast<std::size_t>(most)));
}

void run(const Options& options) {
  // 1. Names become tokens; so do the names that the reader asks about.
  const Corpus corpus = load_corpus(options.data);
  const Tokenizer tokenizer(corpus.rows);
  constexpr int longest = 30;
  const Questions questions = read_questions(options, tokenizer, longest);
  const Dataset dataset = make_dataset(options, tokenizer.encode_all(corpus.rows));
  if (!options.quiet) fmt::print("corpus  {}\n", describe(corpus));

  // 2. The whole model is a table of counts.
  const Stopwatch watch;
  const Matrix counts = count_pairs(dataset.train, tokenizer.vocab_size());  // (27, 27)
  const Matrix probabilities = probabilities_from_counts(counts, 1.0);       // (27, 27)
  const double seconds = watch.seconds();
  if (!options.quiet) print_count_table(counts, tokenizer);

  // 3. How surprised is it by the names?
  Results results{.stage = "01_counting_bigram",
                  .adds = "counting letter pairs",
                  .parameters = static_cast<std::size_t>(counts.size()),
                  .train_nll = mean_nll(counts, probabilities),
                  .val_nll = {},
                  .seconds = seconds,
                  .steps = 0,
                  .answers = {},
                  .vocab_size = tokenizer.vocab_size()};
  if (options.held_out) {
    results.val_nll =
        mean_nll(count_pairs(dataset.held_out, tokenizer.vocab_size()), probabilities);
  }
  if (!options.quiet) {
    fmt::print("a model that knows nothing has NLL ln {} = {:.4f}\n", tokenizer.vocab_size(),
               std::log(tokenizer.vocab_size()));
  }

  // 4. Draw names from it: only the last letter matters.
  const NextLogits next_logits = [&](std::span<const int> so_far) {
    const auto row = probabilities.row(so_far.empty() ? tokenizer.bos() : so_far.back());
    std::vector<double> logits;
    for (const double probability : row) logits.push_back(std::log(probability));
    return logits;
  };
  results.answers = answer(questions, next_logits, tokenizer);
  report(results, corpus, options);
}

}  // namespace
}  // namespace ladder

int main(int argc, char** argv) {
  using ladder::Flag;
  return ladder::run_program([&] {
    ladder::Options options;
    ladder::CommandLine cli(
        "01_counting_bigram", "Stage 1: a language model made by counting pairs of letters.",
        options, {Flag::data, Flag::held_out, Flag::seed, Flag::samples, Flag::temperature});
    if (cli.parse(argc, argv)) ladder::run(options);
  });
}
