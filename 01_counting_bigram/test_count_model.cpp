#include <cmath>
#include <cstdlib>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "01_counting_bigram/count_model.hpp"
#include "common/corpus.hpp"
#include "common/random.hpp"

using namespace ladder;
using Catch::Matchers::WithinAbs;

namespace {

double nll_of(const Corpus& corpus) {
  const Tokenizer tokenizer(corpus.rows);
  const auto names = tokenizer.encode_all(corpus.rows);
  return add_one_nll(names, names, tokenizer.vocab_size());
}

}  // namespace

TEST_CASE("pairs of two short names, counted by hand") {
  // "ab", "b" with a = 0, b = 1, BOS = 2
  const Matrix counts = count_pairs({{0, 1}, {1}}, 3);
  Matrix expected(3, 3);
  expected << 0, 1, 0,  //
      0, 0, 2,          //
      1, 1, 0;
  REQUIRE(counts == expected);
}

TEST_CASE("add-one probabilities, worked out by hand") {
  Matrix counts(2, 2);
  counts << 3, 0,  //
      0, 0;
  const Matrix smoothed = probabilities_from_counts(counts, 1.0);
  CHECK_THAT(smoothed(0, 0), WithinAbs(4.0 / 5, 1e-15));
  CHECK_THAT(smoothed(0, 1), WithinAbs(1.0 / 5, 1e-15));
  CHECK_THAT(smoothed(1, 0), WithinAbs(0.5, 1e-15));

  const Matrix exact = probabilities_from_counts(counts, 0.0);
  CHECK(exact(0, 0) == 1.0);
  CHECK(exact(1, 1) == 0.5);  // a row without counts is uniform, not NaN
  CHECK(mean_nll(counts, exact) == 0.0);
}

TEST_CASE("every row of probabilities sums to one, whatever the counts") {
  Random random(1);
  for (int round = 0; round < 100; ++round) {
    const int vocab_size = 2 + static_cast<int>(random.below(60));
    Matrix counts(vocab_size, vocab_size);
    for (double& count : counts.reshaped()) count = static_cast<double>(random.below(50));
    const Matrix probabilities = probabilities_from_counts(counts, 1.0);
    CHECK(probabilities.minCoeff() > 0);
    for (const auto& row : probabilities.rowwise()) CHECK_THAT(row.sum(), WithinAbs(1, 1e-12));
    // Without smoothing the counts fit themselves best: no table has a lower NLL.
    CHECK(mean_nll(counts, probabilities_from_counts(counts, 0)) <=
          mean_nll(counts, probabilities));
  }
}

TEST_CASE("a uniform model is surprised by ln(vocab_size)") {
  const Matrix counts = count_pairs({{0, 1, 2}, {2, 2}}, 4);
  CHECK_THAT(mean_nll(counts, Matrix::Constant(4, 4, 0.25)), WithinAbs(std::log(4.0), 1e-12));
}

TEST_CASE("the count model is made from one list of names and examined on another") {
  // after BOS: a twice and b once seen, so P(a) = 3/6, P(b) = 2/6; after b: the end once, P = 2/4
  const double expected = (-std::log(2.0 / 6) - std::log(2.0 / 4)) / 2;
  CHECK_THAT(add_one_nll({{0}, {0}, {1}}, {{1}}, 3), WithinAbs(expected, 1e-12));
}

TEST_CASE("NLL of the built-in corpus", "[nll]") {
  CHECK_THAT(nll_of(builtin_corpus()), WithinAbs(2.4546, 0.0005));
}

TEST_CASE("NLL of the canonical corpus is the published 2.4546", "[nll]") {
  const Corpus corpus = load_corpus();
  if (!corpus.is_canonical()) SKIP("needs the canonical names.txt; set MICROGPT_NAMES to it");
  CHECK_THAT(nll_of(corpus), WithinAbs(2.4546, 0.00005));
}
