// The tests of stage 1 that the grader alone has.

#include <fstream>

#include "01_counting_bigram/count_model.hpp"
#include "classroom/kit/check.hpp"
#include "common/sampling.hpp"

namespace ladder::classroom {
namespace {

/// Names of the built-in corpus, each n-th one from somewhere on: a corpus nobody has seen.
std::vector<Tokens> some_real_names(Random& random) {
  std::ifstream file(LADDER_ROOT "/common/data/ssa2018.txt");
  const std::uint64_t keep_one_of = 7 + random.below(7);
  std::vector<Tokens> names;
  for (std::string line; std::getline(file, line);) {
    if (random.below(keep_one_of) != 0) continue;
    Tokens name;
    for (const char c : line) {
      const int letter = (c | 32) - 'a';
      if (letter >= 0 && letter < 26) name.push_back(letter);
    }
    names.push_back(name);
  }
  if (names.empty()) throw Failure("the grader does not find its corpus; tell your teacher");
  return names;
}

void real_counts(Check& check) {
  const std::vector<Tokens> names = some_real_names(check.random());
  check.near_matrix(call("count_pairs", names, 27).matrix<Matrix>(), count_pairs(names, 27), 0,
                    "the count of names from the corpus");
}

void real_probabilities(Check& check) {
  const Matrix counts = count_pairs(some_real_names(check.random()), 27);
  for (const double smoothing : {1.0, 0.01 + check.random().uniform()}) {
    check.near_matrix(call("probabilities", counts, smoothing).matrix<Matrix>(),
                      probabilities_from_counts(counts, smoothing), 1e-12, "a probability");
  }
}

void real_nll(Check& check) {
  const Matrix counts = count_pairs(some_real_names(check.random()), 27);
  const Matrix other = count_pairs(some_real_names(check.random()), 27);
  const Matrix p = probabilities_from_counts(other, 0.5);
  check.near(call("mean_nll", counts, p).number(), mean_nll(counts, p), 1e-12,
             "the NLL of names from the corpus");
}

void the_same_draws(Check& check) {
  std::vector<double> weights, us;
  for (int i = 0; i < 27; ++i) weights.push_back(check.random().uniform());
  for (int i = 0; i < 500; ++i) us.push_back(check.random().uniform());
  const std::vector<int> tokens = call("sample_indices", weights, us).integers();
  check.that(tokens.size() == us.size(), "there is not one draw for each random number");
  for (std::size_t i = 0; i < us.size(); ++i) {
    check.that(tokens[i] == sample_index(weights, us[i]),
               "a draw is not the first index whose running sum exceeds u times the total");
  }
}

}  // namespace

void add_hidden_tests(Tests& tests) {
  tests.core("count_pairs", "names from the corpus are counted as they should be", real_counts);
  tests.core("smoothing", "the probabilities of a corpus, whatever the smoothing",
             real_probabilities);
  tests.core("mean_nll", "the NLL of names that the model was not made from", real_nll);
  tests.core("sampling", "every draw is the one the rule says", the_same_draws);
}

}  // namespace ladder::classroom
