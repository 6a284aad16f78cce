// Stage 3: nobody derives the gradient any more. The program that computes the loss writes down
// what it did, and the record read backwards is the gradient.

#include <fmt/format.h>

#include "03_autograd/bench.hpp"
#include "03_autograd/tape_bigram.hpp"
#include "common/command_line.hpp"
#include "common/program.hpp"
#include "common/progress.hpp"
#include "common/results.hpp"
#include "common/terminal.hpp"
#include "common/timing.hpp"

namespace ladder {
namespace {

// A tape short enough to be read: f = tanh(a b + c).
void show_a_small_tape() {
  ScalarTape tape;
  const Value a = tape.leaf(0.5), b = tape.leaf(-2), c = tape.leaf(1.5);
  const Value product = a * b, sum = product + c, f = tanh(sum);
  tape.backward(f);
  fmt::print("\nthe tape of f = tanh(a b + c): written downwards, read upwards\n\n");
  fmt::print("      {:<10} {:>9} {:>9}\n", "", "value", "df/d·");
  const auto line = [](const char* what, Value v) {
    fmt::print("  {:>2}  {:<10} {:>9.4f} {:>9.4f}\n", v.index(), what, v.data(), v.grad());
  };
  line("a", a), line("b", b), line("c", c);
  line("a b", product), line("a b + c", sum), line("tanh", f);
}

void compare_gradients(const Matrix& logits, const Matrix& counts) {
  ScalarTape scalar_tape;
  MatrixTape matrix_tape;
  const Matrix by_hand = cross_entropy_gradient(logits, counts);
  const Matrix by_scalars = bigram_loss_scalar(scalar_tape, logits, counts).gradient;
  const Matrix by_matrices = bigram_loss_matrix(matrix_tape, logits, counts).gradient;
  fmt::print("\nthe gradient after training begins, {} numbers, against stage 02's by hand\n",
             by_hand.size());
  fmt::print("  scalar tape, {:>6} nodes: largest difference {:.1e}\n",
             with_commas(scalar_tape.size()), (by_scalars - by_hand).cwiseAbs().maxCoeff());
  fmt::print("  matrix tape, {:>6} nodes: largest difference {:.1e}\n",
             with_commas(matrix_tape.size()), (by_matrices - by_hand).cwiseAbs().maxCoeff());
}

void run(const Options& options, bool matrices) {
  // 1. What a tape is.
  if (!options.quiet) show_a_small_tape();

  // 2. The corpus, counted as in stages 01 and 02.
  const Corpus corpus = load_corpus(options.data);
  const Tokenizer tokenizer(corpus.rows);
  constexpr int longest = 30;
  const Questions questions = read_questions(options, tokenizer, longest);
  const Dataset dataset = make_dataset(options, tokenizer.encode_all(corpus.rows));
  const Matrix counts = count_pairs(dataset.train, tokenizer.vocab_size());  // (27, 27)
  if (!options.quiet) fmt::print("\ncorpus  {}\n", describe(corpus));

  // 3. Stage 02's training, step for step, with a gradient nobody derived.
  ScalarTape scalar_tape;
  MatrixTape matrix_tape;
  const Objective objective = [&](const Matrix& logits) {
    return matrices ? bigram_loss_matrix(matrix_tape, logits, counts)
                    : bigram_loss_scalar(scalar_tape, logits, counts);
  };
  const Stopwatch watch;
  Training training;
  {
    Progress progress("03_autograd", options.steps, options.quiet);
    training = train(counts, {}, options.steps, objective, [&](long done, double loss) {
      progress.update(done, loss);
      return !interrupted();
    });
  }
  const double seconds = watch.seconds();

  // 4. Is it the same gradient, and did it lead to the same place?
  if (!options.quiet) compare_gradients(training.logits, counts);
  if (!options.quiet && !interrupted()) {
    const double by_hand = train(counts, {}, options.steps, objective_by_hand(counts)).loss;
    fmt::print("\nNLL after {} steps: {:.10f} by hand, {:.10f} on the {} tape\n", options.steps,
               by_hand, training.loss, matrices ? "matrix" : "scalar");
  }

  Results results{.stage = "03_autograd",
                  .adds = "the tape: gradients nobody derives",
                  .parameters = static_cast<std::size_t>(counts.size()),
                  .train_nll = training.loss,
                  .val_nll = {},
                  .seconds = seconds,
                  .steps = training.steps,
                  .answers = {},
                  .vocab_size = tokenizer.vocab_size()};
  if (options.held_out) {
    results.val_nll =
        cross_entropy(training.logits, count_pairs(dataset.held_out, tokenizer.vocab_size()));
  }
  const NextLogits next_logits = [&](std::span<const int> so_far) {
    const auto row = training.logits.row(so_far.empty() ? tokenizer.bos() : so_far.back());
    return std::vector<double>(row.begin(), row.end());
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
    options.steps = 5000;
    bool matrices = false, bench = false;
    ladder::CommandLine cli("03_autograd", "Stage 3: gradients from a tape.", options,
                            {Flag::data, Flag::held_out, Flag::seed, Flag::steps, Flag::samples,
                             Flag::temperature, Flag::compare});
    cli.app.add_flag("--matrices", matrices, "train on the matrix tape instead of the scalar one");
    cli.app.add_flag("--bench", bench, "time the scalar tape on a whole GPT instead");
    cli.mode("--bench", {"--seed", "--json", "--force", "--quiet"});
    if (!cli.parse(argc, argv)) return;
    bench ? ladder::run_bench(options) : ladder::run(options, matrices);
  });
}
