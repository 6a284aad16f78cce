#include <catch2/catch_test_macros.hpp>

#include "09_fast_training/history.hpp"
#include "09_fast_training/test_names.hpp"

using namespace ladder;

TEST_CASE("every version of the history has the textbook's gradient and makes its steps") {
  std::vector<Tokens> names = ragged_names;
  names.push_back(Tokens(20, 3));  // longer than the block
  for (const bool gains : {true, false}) {
    const GptParameters first = random_parameters({16, 27, gains}, 1);
    const auto exact = make_plain_trainer<double>(first, {});
    const Gradient expected = gradient_by(*exact, packed(names));
    std::vector<double> losses;
    for (int step = 0; step < 20; ++step) losses.push_back(exact->step(pointers_to(names), 0.003));
    for (const HistoryStep& version : history()) {
      CAPTURE(version.name, gains);
      const auto trainer = version.make(first, {});
      const Gradient mine = gradient_by(*trainer, packed(names));
      CHECK(std::abs(mine.loss - expected.loss) < 1e-5);
      CHECK(largest_relative(mine.parts, expected.parts) < 1e-4);
      std::vector<double> its_losses;
      for (int step = 0; step < 20; ++step) {
        its_losses.push_back(trainer->step(pointers_to(names), 0.003));
      }
      CHECK(largest_difference(its_losses, losses) < 1e-3);
    }
  }
}

TEST_CASE("the history has at least eight steps that were kept and three ideas that lost") {
  int kept = 0, lost = 0;
  for (const HistoryStep& version : history()) ++(version.kept ? kept : lost);
  CHECK(kept >= 8);
  CHECK(lost >= 3);
}
