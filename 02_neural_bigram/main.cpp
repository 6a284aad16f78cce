// Stage 2: the same table, but learned. Start from nothing and go downhill on the NLL.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "02_neural_bigram/neural_bigram.hpp"
#include "common/command_line.hpp"
#include "common/divergence.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/program.hpp"
#include "common/progress.hpp"
#include "common/results.hpp"
#include "common/terminal.hpp"
#include "common/timing.hpp"

namespace ladder {
namespace {

constexpr int longest = 30;  // letters of a made-up name

NextLogits bigram_logits(const Matrix& logits) {
  return [&logits](std::span<const int> so_far) {
    const auto row = logits.row(so_far.empty() ? logits.rows() - 1 : so_far.back());
    return std::vector<double>(row.begin(), row.end());  // only the last letter matters
  };
}

std::string bar(double share) {
  std::string text;
  for (long i = std::lround(share * 40); i > 0; --i) text += "█";
  return text.empty() ? "▏" : text;
}

/// The losses worth showing: after 0, 1, 2, 5, 10, 20, 50, … steps, and the last few.
struct LossCurve {
  std::vector<std::pair<long, double>> points;
  std::vector<double> last;
  long next = 0;

  void add(long step, double loss, bool is_last) {
    if (!std::isfinite(loss)) return;
    if (last.size() == 30) last.erase(last.begin());
    last.push_back(loss);
    if (step < next && !is_last) return;
    points.emplace_back(step, loss);
    if (step == next) next = std::max(1L, std::to_string(next)[0] == '2' ? next / 2 * 5 : next * 2);
  }
};

void print_curve(const LossCurve& curve, double best) {
  fmt::print("\n      step     NLL  above the optimum of the counts\n");
  const double start = curve.points.front().second - best;
  for (const auto& [step, loss] : curve.points) {
    const double share = start > 0 ? std::clamp((loss - best) / start, 0.0, 1.0) : 0.0;
    fmt::print("{:>10}  {}  {:.5f} {}\n", with_commas(static_cast<std::size_t>(step)),
               loss_text(loss), loss - best, bar(share));
  }
}

void print_before(const Tokenizer& tokenizer, const Options& options) {
  const int vocab_size = tokenizer.vocab_size();
  const Matrix zeros = Matrix::Zero(vocab_size, vocab_size);
  fmt::print("before learning, all tokens are equally likely: NLL ln {} = {:.4f}, names like\n",
             vocab_size, std::log(vocab_size));
  Questions two_names;
  two_names.samples = 2;
  two_names.seed = options.seed;
  two_names.block_size = longest;
  for (const Sample& sample : answer(two_names, bigram_logits(zeros), tokenizer).samples) {
    fmt::print("  {:.2f}  {}\n", sample.nll, shown_name(sample.name));
  }
}

/// Learned probabilities beside counted ones, for the letter where they differ most.
void print_difference(const Matrix& learned, const Matrix& counted, const Tokenizer& tokenizer) {
  Eigen::Index row = 0, column = 0;
  const double most = (learned - counted).cwiseAbs().maxCoeff(&row, &column);
  const auto symbol = [&](Eigen::Index token) { return tokenizer.symbol(static_cast<int>(token)); };
  fmt::print("\nlearned and counted probabilities differ by {:.5f} at most, at '{}{}'\n", most,
             symbol(row), symbol(column));

  std::vector<Eigen::Index> order(static_cast<std::size_t>(counted.cols()));
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](Eigen::Index a, Eigen::Index b) {
    return std::pair(-counted(row, a), a) < std::pair(-counted(row, b), b);
  });
  order.resize(std::min<std::size_t>(order.size(), 5));
  if (std::find(order.begin(), order.end(), column) == order.end()) order.back() = column;
  fmt::print("  after {}  counted  learned\n", symbol(row));
  for (const Eigen::Index next : order) {
    fmt::print("        {}  {:.5f}  {:.5f}\n", symbol(next), counted(row, next),
               learned(row, next));
  }
}

/// This table of probabilities against the two that counting gives, on the same names.
void print_against_counting(const Matrix& learned, const Matrix& train, const Matrix* held_out) {
  const auto text = [](double nll) {
    return std::isfinite(nll) ? fmt::format("{:.4f}", nll) : std::string("infinite");
  };
  const auto line = [&](const char* what, const Matrix& probabilities) {
    fmt::print("  {:<36}{}", what, text(mean_nll(train, probabilities)));
    if (held_out) fmt::print("  {}", text(mean_nll(*held_out, probabilities)));
    fmt::print("\n");
  };
  fmt::print("\n  {:<36}{}\n", "NLL", held_out ? "train   held-out" : "corpus");
  line("counts alone (the training optimum)", probabilities_from_counts(train, 0));
  line("this stage", learned);
  line("the stage below (counts plus one)", probabilities_from_counts(train, 1));
}

void run(const Options& options, const Schedule& schedule) {
  // 1. Names become counts of pairs, as in the stage below.
  const Corpus corpus = load_corpus(options.data);
  const Tokenizer tokenizer(corpus.rows);
  const Questions questions = read_questions(options, tokenizer, longest);
  const Dataset dataset = make_dataset(options, tokenizer.encode_all(corpus.rows));
  const Matrix counts = count_pairs(dataset.train, tokenizer.vocab_size());  // (27, 27)
  const Matrix counted = probabilities_from_counts(counts, 0);               // (27, 27)
  if (!options.quiet) {
    fmt::print("corpus  {}\n\n", describe(corpus));
    print_before(tokenizer, options);
  }

  // 2. Gradient descent on the logits.
  LossCurve curve;
  const Stopwatch watch;
  const Training training = [&] {
    Progress progress("learning", options.steps, options.quiet);
    return train(counts, schedule, options.steps, objective_by_hand(counts),
                 [&](long step, double loss) {
                   const bool go_on = !interrupted();
                   curve.add(step, loss, !go_on || step == options.steps);
                   progress.update(step, loss);
                   return go_on;
                 });
  }();
  const double seconds = watch.seconds();
  if (!options.quiet) print_curve(curve, mean_nll(counts, counted));
  if (training.diverged) {
    if (!options.quiet) fmt::print("\nthe last steps  {}\n", sparkline(curve.last));
    const double first = curve.points.front().second;
    if (training.loss <= first) {  // it has not exploded: it bounces
      throw Error(
          fmt::format("training diverged at step {}: steps of this length jump across the valley "
                      "and climb the other side; try a smaller --lr than {:g}",
                      training.steps, schedule.lr));
    }
    throw divergence_error(training.steps, first, training.loss, schedule.lr);
  }

  // 3. How close did it come to what counting says?
  const Matrix learned = softmax_rows(training.logits);  // (27, 27)
  const Matrix held_out_counts = count_pairs(dataset.held_out, tokenizer.vocab_size());
  if (!options.quiet) {
    print_difference(learned, counted, tokenizer);
    print_against_counting(learned, counts, options.held_out ? &held_out_counts : nullptr);
  }
  Results results{.stage = "02_neural_bigram",
                  .adds = "gradient descent",
                  .parameters = static_cast<std::size_t>(training.logits.size()),
                  .train_nll = training.loss,
                  .val_nll = {},
                  .seconds = seconds,
                  .steps = training.steps,
                  .answers = {},
                  .vocab_size = tokenizer.vocab_size()};
  if (options.held_out) results.val_nll = cross_entropy(training.logits, held_out_counts);

  // 4. Draw names from it.
  results.answers = answer(questions, bigram_logits(training.logits), tokenizer);
  report(results, corpus, options);
}

/// The schedules a reader can choose from, each with a learning rate that suits it.
Schedule schedule_called(const std::string& name) {
  if (name == "plain") return {.lr = 50, .per_row = false, .silver = false};
  if (name == "silver") return {.lr = 2, .per_row = true, .silver = true};
  return {.lr = 3, .per_row = true, .silver = false};
}

}  // namespace
}  // namespace ladder

int main(int argc, char** argv) {
  using ladder::Flag;
  return ladder::run_program([&] {
    ladder::Options options;
    options.steps = 5000;
    std::string schedule_name = "rows";
    std::optional<double> lr;
    ladder::CommandLine cli("02_neural_bigram",
                            "Stage 2: the table of letter pairs, learned by gradient descent.",
                            options,
                            {Flag::data, Flag::held_out, Flag::seed, Flag::steps, Flag::samples,
                             Flag::temperature, Flag::compare});
    cli.app
        .add_option("--schedule", schedule_name,
                    "rows: each letter at its own pace; plain: all letters at one pace; silver: "
                    "rows, with steps of changing length")
        ->check(CLI::IsMember({"rows", "plain", "silver"}));
    ladder::add_learning_rate(
        cli.app, [&lr](double value) { lr = value; },
        "learning rate, the length of a step (default: rows 3, plain 50, silver 2)");
    if (!cli.parse(argc, argv)) return;
    ladder::Schedule schedule = ladder::schedule_called(schedule_name);
    schedule.lr = lr.value_or(schedule.lr);
    ladder::run(options, schedule);
  });
}
