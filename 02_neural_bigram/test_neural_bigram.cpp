#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "02_neural_bigram/neural_bigram.hpp"
#include "common/corpus.hpp"

using namespace ladder;
using Catch::Matchers::WithinAbs;

namespace {

Matrix pairs_of(const Corpus& corpus) {
  const Tokenizer tokenizer(corpus.rows);
  return count_pairs(tokenizer.encode_all(corpus.rows), tokenizer.vocab_size());
}

void check_reaches_optimum(const Corpus& corpus, const Schedule& schedule, long steps) {
  const Matrix counts = pairs_of(corpus);
  const double optimum = mean_nll(counts, probabilities_from_counts(counts, 0));
  const Training training = train(counts, schedule, steps, objective_by_hand(counts));
  CHECK_FALSE(training.diverged);
  CHECK(training.loss >= optimum);  // no table can do better on the names it was fitted to
  CHECK_THAT(training.loss, WithinAbs(optimum, 1e-4));
}

}  // namespace

TEST_CASE("gradient descent reaches the optimum of the built-in corpus", "[nll]") {
  check_reaches_optimum(builtin_corpus(), {}, 5000);
}
