// The tests of stage 1 that the student has.

#include "01_counting_bigram/count_model.hpp"
#include "classroom/kit/check.hpp"

namespace ladder::classroom {
namespace {

std::vector<Tokens> random_names(Random& random, int vocab_size) {
  std::vector<Tokens> names(5 + random.below(10));
  for (Tokens& name : names) {
    name.resize(1 + random.below(8));
    for (int& token : name) {
      token = static_cast<int>(random.below(static_cast<std::uint64_t>(vocab_size - 1)));
    }
  }
  return names;
}

Matrix random_counts(Random& random, int size) {
  Matrix counts(size, size);
  for (double& count : counts.reshaped()) count = static_cast<double>(1 + random.below(20));
  return counts;
}

Matrix student_counts(const std::vector<Tokens>& names, int vocab_size) {
  return call("count_pairs", names, vocab_size).matrix<Matrix>();
}

Matrix student_probabilities(const Matrix& counts, double smoothing) {
  return call("probabilities", counts, smoothing).matrix<Matrix>();
}

std::vector<int> student_draws(const std::vector<double>& weights, const std::vector<double>& us) {
  return call("sample_indices", weights, us).integers();
}

void every_character_counts_once(Check& check) {
  const int vocab_size = 4 + static_cast<int>(check.random().below(10));
  const std::vector<Tokens> names = random_names(check.random(), vocab_size);
  const Matrix counts = student_counts(names, vocab_size);
  check.that(counts.rows() == vocab_size && counts.cols() == vocab_size,
             "the table of counts has not one row and one column for each token");
  double characters = 0;
  for (const Tokens& name : names) characters += static_cast<double>(name.size() + 1);
  check.near(counts.sum(), characters, 0, "the sum of all counts");
}

void one_name(Check& check) {
  const int a = static_cast<int>(check.random().below(3)), b = 3, bos = 4;
  const Matrix counts = student_counts({{a, b}}, 5);
  check.that(counts.rows() == 5 && counts.cols() == 5, "the table has not 5 rows and 5 columns");
  check.that(counts(bos, a) != 0, "of a name of two letters, BOS and its first letter are no pair");
  check.that(counts(a, b) != 0, "of a name of two letters, these two are no pair in your table");
  check.that(counts(b, bos) != 0, "of a name of two letters, the last one and its end are no pair");
}

void rows_sum_to_one(Check& check) {
  const Matrix counts =
      random_counts(check.random(), 3 + static_cast<int>(check.random().below(9)));
  const double smoothing = 0.25 + check.random().uniform();
  const Matrix p = student_probabilities(counts, smoothing);
  check.that(p.rows() == counts.rows() && p.cols() == counts.cols(),
             "the table of probabilities has another shape than that of the counts");
  for (long i = 0; i < p.rows(); ++i) {
    check.near(p.row(i).sum(), 1, 1e-12, "the sum of row " + std::to_string(i));
    for (long j = 1; j < p.cols(); ++j) {
      // Two probabilities of a row are to each other as the smoothed counts are.
      check.near(p(i, j) * (counts(i, 0) + smoothing), p(i, 0) * (counts(i, j) + smoothing), 1e-12,
                 "the quotient of two probabilities of row " + std::to_string(i));
    }
  }
}

void empty_rows_are_uniform(Check& check) {
  Matrix counts = random_counts(check.random(), 4);
  counts.row(2).setZero();
  const Matrix p = student_probabilities(counts, 0);
  check.that(p.rows() == 4 && p.cols() == 4, "the table of probabilities has another shape");
  for (long j = 0; j < 4; ++j) {
    check.near(p(2, j), 1.0 / 4, 1e-12, "a probability after a letter that was never seen");
  }
}

void uniform_model(Check& check) {
  const int size = 3 + static_cast<int>(check.random().below(20));
  const Matrix uniform = Matrix::Constant(size, size, 1.0 / size);
  check.near(call("mean_nll", random_counts(check.random(), size), uniform).number(),
             std::log(size), 1e-12, "the NLL of a model to which all letters are equally likely");
}

void unseen_pairs_cost_nothing(Check& check) {
  Matrix counts = random_counts(check.random(), 3);
  counts(1, 2) = 0;
  Matrix half = Matrix::Constant(3, 3, 0.5);
  half(1, 2) = 0;
  check.near(call("mean_nll", counts, half).number(), std::log(2.0), 1e-12,
             "the NLL where a pair of probability zero never came");
}

void draws_are_in_proportion(Check& check) {
  std::vector<double> weights, us;
  for (int i = 0; i < 6; ++i) weights.push_back(1 + static_cast<double>(check.random().below(30)));
  constexpr int draws = 4000;
  for (int i = 0; i < draws; ++i) us.push_back((i + 0.5) / draws);
  const std::vector<int> tokens = student_draws(weights, us);
  double total = 0;
  for (const double weight : weights) total += weight;
  std::vector<double> counts(weights.size());
  for (const int token : tokens) {
    check.that(token >= 0 && token < 6, "a draw is no index into the weights");
    counts[static_cast<std::size_t>(token)] += 1;
  }
  for (std::size_t i = 0; i < weights.size(); ++i) {
    check.near(counts[i] / draws, weights[i] / total, 1e-3,
               "how often weight " + std::to_string(i) + " was drawn, as a share of all draws,");
  }
}

void nothing_of_weight_zero(Check& check) {
  const double some = 1 + check.random().uniform();
  const std::vector<int> tokens = student_draws({0, some, 0, some}, {0, 0.25, 0.5, 0.75, 0.999});
  for (const int token : tokens) {
    check.that(token == 1 || token == 3, "something of weight zero was drawn");
  }
}

}  // namespace

void add_visible_tests(Tests& tests) {
  tests.core("count_pairs", "every character is counted once, the ends of names too",
             every_character_counts_once);
  tests.core("count_pairs", "the pairs of a single name are where they belong", one_name);
  tests.core("smoothing", "each row is made of the smoothed counts and sums to 1", rows_sum_to_one);
  tests.edge(5, "smoothing", "after a letter never seen all are equally likely",
             empty_rows_are_uniform);
  tests.core("mean_nll", "a model that knows nothing has the NLL ln(vocab_size)", uniform_model);
  tests.edge(5, "mean_nll", "a pair that never came costs nothing", unseen_pairs_cost_nothing);
  tests.core("sampling", "each index is drawn in proportion to its weight",
             draws_are_in_proportion);
  tests.edge(5, "sampling", "what has weight zero is never drawn", nothing_of_weight_zero);
}

}  // namespace ladder::classroom
