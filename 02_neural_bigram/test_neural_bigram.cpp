#include <cmath>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "02_neural_bigram/neural_bigram.hpp"
#include "common/corpus.hpp"
#include "common/largest.hpp"
#include "common/random.hpp"

using namespace ladder;
using Catch::Matchers::WithinAbs;

namespace {

constexpr Schedule plain(double lr) { return {.lr = lr, .per_row = false, .silver = false}; }
constexpr Schedule rows(double lr) { return {.lr = lr, .per_row = true, .silver = false}; }
constexpr Schedule silver(double lr) { return {.lr = lr, .per_row = true, .silver = true}; }

Matrix random_logits(int size, double scale, Random& random) {
  Matrix logits(size, size);
  for (double& logit : logits.reshaped()) logit = scale * random.normal();
  return logits;
}

/// Some pairs, some whole rows and some whole columns never occur; at least one pair does.
Matrix random_counts(int size, Random& random) {
  Matrix counts(size, size);
  for (double& count : counts.reshaped()) count = static_cast<double>(random.below(9));
  for (int i = 0; i < size; ++i) {
    if (random.below(4) == 0) counts.row(i).setZero();
    if (random.below(4) == 0) counts.col(i).setZero();
  }
  counts(size - 1, 0) += 1;
  return counts;
}

int random_size(Random& random) { return 2 + static_cast<int>(random.below(12)); }

std::vector<Tokens> random_names(int count, int vocab_size, Random& random) {
  const auto letters = static_cast<std::uint64_t>(vocab_size - 1);
  std::vector<Tokens> names(static_cast<std::size_t>(count));
  for (Tokens& name : names) {
    name.resize(1 + random.below(8));
    for (int& token : name) token = static_cast<int>(random.below(letters));
  }
  return names;
}

/// The gradient as a program would work it out that had never thought of counting: for every pair
/// of every name the row of probabilities, minus 1 at the letter that came, all of it averaged.
Matrix gradient_pair_by_pair(const Matrix& logits, const std::vector<Tokens>& names) {
  const int bos = static_cast<int>(logits.rows()) - 1;
  const Matrix probabilities = logits.array().exp();
  Matrix sum = Matrix::Zero(logits.rows(), logits.cols());
  double pairs = 0;
  for (const Tokens& name : names) {
    for (std::size_t i = 0; i <= name.size(); ++i) {
      const int previous = i == 0 ? bos : name[i - 1];
      sum.row(previous) += probabilities.row(previous) / probabilities.row(previous).sum();
      sum(previous, i == name.size() ? bos : name[i]) -= 1;
      pairs += 1;
    }
  }
  return sum / pairs;
}

Matrix pairs_of(const Corpus& corpus) {
  const Tokenizer tokenizer(corpus.rows);
  return count_pairs(tokenizer.encode_all(corpus.rows), tokenizer.vocab_size());
}

Training train_by_hand(const Matrix& counts, const Schedule& schedule, long steps) {
  return train(counts, schedule, steps, objective_by_hand(counts));
}

/// Training whose losses, step by step, are those given; the gradient leads nowhere.
Training train_through(const std::vector<double>& losses) {
  const Matrix counts = Matrix::Ones(2, 2);
  std::size_t next = 0;
  return train(counts, {}, std::ssize(losses) - 1, [&](const Matrix& logits) {
    return LossAndGradient{losses.at(next++), Matrix::Zero(logits.rows(), logits.cols())};
  });
}

double optimum_of(const Matrix& counts) {
  return mean_nll(counts, probabilities_from_counts(counts, 0));
}

void check_reaches_optimum(const Corpus& corpus, const Schedule& schedule, long steps) {
  const Matrix counts = pairs_of(corpus);
  const Training training = train_by_hand(counts, schedule, steps);
  INFO("lr " << schedule.lr << ", " << steps << " steps");
  CHECK_FALSE(training.diverged);
  CHECK(training.steps == steps);
  CHECK(training.loss >= optimum_of(counts));  // no table does better on what it was fitted to
  CHECK_THAT(training.loss, WithinAbs(optimum_of(counts), 1e-4));
  CHECK_THAT(mean_nll(counts, softmax_rows(training.logits)), WithinAbs(training.loss, 1e-12));
}

}  // namespace

TEST_CASE("softmax of two rows, worked out by hand") {
  Matrix logits(2, 3);
  logits << 0, std::log(2.0), std::log(5.0),  //
      7, 7, 7;
  const Matrix probabilities = softmax_rows(logits);
  CHECK_THAT(probabilities(0, 0), WithinAbs(1.0 / 8, 1e-15));
  CHECK_THAT(probabilities(0, 1), WithinAbs(2.0 / 8, 1e-15));
  CHECK_THAT(probabilities(0, 2), WithinAbs(5.0 / 8, 1e-15));
  CHECK_THAT(probabilities(1, 1), WithinAbs(1.0 / 3, 1e-15));
}

TEST_CASE("softmax and cross-entropy do not overflow at logits of 1000") {
  Matrix logits(3, 3);
  logits << 1000, 1000, -1000,  //
      -1000, -1000, -1000,      //
      -1000, 0, 1000;
  const Matrix probabilities = softmax_rows(logits);
  CHECK(probabilities.allFinite());
  CHECK_THAT(probabilities(0, 0), WithinAbs(0.5, 1e-15));
  CHECK_THAT(probabilities(1, 2), WithinAbs(1.0 / 3, 1e-15));
  CHECK(probabilities(2, 2) == 1.0);

  const Matrix ones = Matrix::Ones(3, 3);
  // Row by row: (2 ln 2 + 2000 + ln 2) + 3 ln 3 + (2000 + 1000 + 0)
  CHECK_THAT(cross_entropy(logits, ones),
             WithinAbs((5000 + 3 * std::log(2.0) + 3 * std::log(3.0)) / 9, 1e-9));
  CHECK(cross_entropy_gradient(logits, ones).allFinite());
}

TEST_CASE("cross-entropy is the NLL of the softmax, as stage 1 measures it") {
  Random random(1);
  for (int round = 0; round < 100; ++round) {
    const int size = random_size(random);
    const Matrix logits = random_logits(size, 2, random), counts = random_counts(size, random);
    CHECK_THAT(cross_entropy(logits, counts),
               WithinAbs(mean_nll(counts, softmax_rows(logits)), 1e-12));
  }
}

TEST_CASE("the gradient is what central differences measure") {
  Random random(2);
  constexpr double nudge = 1e-4;
  for (int round = 0; round < 50; ++round) {
    const int size = random_size(random);
    Matrix logits = random_logits(size, 2, random);
    const Matrix counts = random_counts(size, random);
    const Matrix gradient = cross_entropy_gradient(logits, counts);
    for (int i = 0; i < size; ++i) {
      for (int j = 0; j < size; ++j) {
        const double logit = logits(i, j);
        logits(i, j) = logit + nudge;
        const double above = cross_entropy(logits, counts);
        logits(i, j) = logit - nudge;
        const double below = cross_entropy(logits, counts);
        logits(i, j) = logit;
        CHECK_THAT(gradient(i, j), WithinAbs((above - below) / (2 * nudge), 1e-8));
      }
    }
  }
}

TEST_CASE("the gradient from counts equals the one added up pair by pair") {
  Random random(3);
  for (int round = 0; round < 20; ++round) {
    const int size = random_size(random);
    const auto names = random_names(1 + static_cast<int>(random.below(40)), size, random);
    const Matrix logits = random_logits(size, 2, random);
    const Matrix from_counts = cross_entropy_gradient(logits, count_pairs(names, size));
    CHECK(largest_difference(from_counts, gradient_pair_by_pair(logits, names)) < 1e-14);
  }
}

TEST_CASE("so it does over all 228 thousand pairs of the built-in corpus", "[nll]") {
  const Corpus corpus = builtin_corpus();
  const Tokenizer tokenizer(corpus.rows);
  Random random(4);
  const Matrix logits = random_logits(tokenizer.vocab_size(), 1, random);
  const Matrix from_counts = cross_entropy_gradient(logits, pairs_of(corpus));
  const Matrix pair_by_pair = gradient_pair_by_pair(logits, tokenizer.encode_all(corpus.rows));
  CHECK(largest_difference(from_counts, pair_by_pair) < 1e-12);
}

TEST_CASE("each row of the gradient sums to zero: probability is moved, not made") {
  Random random(5);
  for (int round = 0; round < 100; ++round) {
    const int size = random_size(random);
    const Matrix gradient =
        cross_entropy_gradient(random_logits(size, 3, random), random_counts(size, random));
    CHECK(largest_difference(gradient.rowwise().sum(), Matrix::Zero(size, 1)) < 1e-15);
  }
}

TEST_CASE("steps of the schedules") {
  CHECK(plain(50).at(1) == 50);
  CHECK(plain(50).at(1024) == 50);
  const double silver_ratio = 1 + std::sqrt(2.0);
  CHECK_THAT(silver(2).at(1), WithinAbs(2 * std::sqrt(2.0), 1e-14));
  CHECK_THAT(silver(2).at(2), WithinAbs(4, 1e-14));
  CHECK_THAT(silver(2).at(3), WithinAbs(2 * std::sqrt(2.0), 1e-14));
  CHECK_THAT(silver(2).at(4), WithinAbs(2 * (1 + silver_ratio), 1e-14));
  CHECK_THAT(silver(2).at(24), WithinAbs(2 * (1 + silver_ratio * silver_ratio), 1e-13));
}

TEST_CASE("one step, worked out by hand") {
  Matrix counts(2, 2);
  counts << 3, 0,  //
      1, 0;
  // P is 1/2 everywhere. The gradient is (row sum / 2 - counts) / 4.
  Matrix gradient(2, 2);
  gradient << -1.5 / 4, 1.5 / 4,  //
      -0.5 / 4, 0.5 / 4;
  CHECK(train_by_hand(counts, plain(2), 1).logits.isApprox(-2 * gradient));
  Matrix by_row(2, 2);  // the mean of each row: its own gradient / (3/4), / (1/4)
  by_row << -0.5, 0.5,  //
      -0.5, 0.5;
  CHECK(train_by_hand(counts, rows(2), 1).logits.isApprox(-2 * by_row));
}

TEST_CASE("training stops when it is told to, and says how far it came") {
  const Matrix counts = count_pairs({{0, 1}, {1}}, 3);
  long calls = 0;
  const Training training =
      train(counts, {}, 100, objective_by_hand(counts), [&](long steps_done, double loss) {
        CHECK(steps_done == calls++);
        CHECK(std::isfinite(loss));
        return steps_done < 7;
      });
  CHECK(training.steps == 7);
  CHECK(calls == 8);
  CHECK(training.logits == train_by_hand(counts, {}, 7).logits);
  CHECK(training.loss == cross_entropy(training.logits, counts));
  CHECK(train_by_hand(counts, {}, 0).logits.isZero(0));

  const Objective outlives_its_counts = objective_by_hand(Matrix(counts));
  CHECK(train(counts, {}, 7, outlives_its_counts).logits == training.logits);
}

TEST_CASE("lr below 4 goes downhill with every step, whatever the counts") {
  Random random(6);
  for (int round = 0; round < 30; ++round) {
    const int size = random_size(random);
    const Matrix counts = random_counts(size, random);
    double previous = HUGE_VAL;
    const Training training =
        train(counts, rows(3.9), 300, objective_by_hand(counts), [&](long, double loss) {
          CHECK(loss <= previous + 1e-12);
          previous = loss;
          return true;
        });
    CHECK_FALSE(training.diverged);
    CHECK_FALSE(train_by_hand(counts, silver(2), 2000).diverged);
    CHECK(train_by_hand(counts, silver(2), 1023).loss - optimum_of(counts) < 2e-3);
  }
}

TEST_CASE("letters and pairs never seen keep finite logits and a finite held-out NLL") {
  // Token 2 never occurs: its row is empty and stays uniform, its column becomes unlikely.
  const Matrix seen = count_pairs({{0, 1}, {1}}, 4), unseen = count_pairs({{0, 2, 2}, {1, 0}}, 4);
  for (const Schedule& schedule : {rows(3), plain(2), silver(2)}) {
    const Training training = train_by_hand(seen, schedule, 20'000);
    REQUIRE(training.logits.allFinite());
    CHECK(training.logits.row(2).isZero(0));
    CHECK(softmax_rows(training.logits).row(2).isApproxToConstant(0.25));
    CHECK(std::isfinite(cross_entropy(training.logits, unseen)));
    CHECK(cross_entropy(training.logits, unseen) > std::log(4.0));
    CHECK(training.loss < cross_entropy(training.logits, unseen));
  }
}

TEST_CASE("steps that are too long are noticed") {
  const Matrix counts = pairs_of(builtin_corpus());
  for (const double lr : {100.0, 200.0, 1000.0, 1e6, 1e300, 1e308}) {
    INFO("lr " << lr);
    const Training training = train_by_hand(counts, plain(lr), 1000);
    CHECK(training.diverged);
    CHECK(training.steps < 100);  // and soon
  }
  CHECK(train_by_hand(counts, rows(8), 1000).diverged);
  CHECK(train_by_hand(counts, silver(20), 1000).diverged);
  CHECK_FALSE(train_by_hand(counts, plain(50), 1000).diverged);
  CHECK_FALSE(train_by_hand(counts, rows(6), 1000).diverged);
}

TEST_CASE("bouncing is told from the odd step that goes up") {
  std::vector<double> bouncing{9}, odd{9};
  for (int step = 1; step < 1000; ++step) {
    bouncing.push_back(step % 2 == 0 ? 2.1 : 2.0);
    odd.push_back(step % 4 == 0 ? 2.1 : 2.0);  // as silver steps may
  }
  CHECK(train_through(bouncing).diverged);
  CHECK(train_through(bouncing).steps < 30);
  CHECK_FALSE(train_through(odd).diverged);
  CHECK(train_through(odd).steps == 999);
  CHECK(train_through({2, 1, 2.1, 1}).steps == 2);  // higher than where it began
  CHECK(train_through({2, 1, std::nan(""), 1}).steps == 2);
  CHECK(train_through({2, 1, HUGE_VAL, 1}).diverged);
}

TEST_CASE("the optimum of the built-in corpus, by each schedule", "[nll]") {
  const Corpus corpus = builtin_corpus();
  check_reaches_optimum(corpus, {}, 5000);  // what the program does
  check_reaches_optimum(corpus, plain(50), 13'700);
  check_reaches_optimum(corpus, silver(2), 600);
}

TEST_CASE("the optimum of the canonical corpus is 2.454014, and is reached", "[nll]") {
  const Corpus corpus = load_corpus();
  if (!corpus.is_canonical()) SKIP("needs the canonical names.txt; set MICROGPT_NAMES to it");
  CHECK_THAT(optimum_of(pairs_of(corpus)), WithinAbs(2.454014, 1e-6));
  check_reaches_optimum(corpus, {}, 5000);  // what the program does
  check_reaches_optimum(corpus, plain(50), 13'558);
  check_reaches_optimum(corpus, rows(6), 1531);
  check_reaches_optimum(corpus, silver(3), 512);
}
