#include <cmath>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "06_gpt_adam/replay.hpp"
#include "06_gpt_adam/trainer.hpp"
#include "common/corpus.hpp"
#include "common/largest.hpp"

using namespace ladder;
using Catch::Matchers::WithinAbs;

TEST_CASE("the published run is whole: 1,000 losses, 20 names") {
  const Replay published = published_run();
  CHECK(published.losses.size() == 1000);
  CHECK(published.losses.front() == 3.3659669475848504);
  CHECK(published.losses.back() == 2.6496944697407585);
  CHECK(published.names.size() == 20);
}

TEST_CASE("two runs differ by their worst step, by a NaN, and by a step that one did not make") {
  const Replay run{.losses = {3, 2, 1}, .names = {}};
  CHECK(largest_difference(run, run) == 0);
  CHECK(largest_difference(run, {.losses = {3, 2.5, 1}, .names = {}}) == 0.5);
  CHECK(largest_difference(run, {.losses = {3, 2}, .names = {}}) == HUGE_VAL);
  CHECK(std::isnan(largest_difference(run, {.losses = {3, std::nan(""), 1}, .names = {}})));
  CHECK(std::isnan(largest_difference(run, {.losses = {3, std::nan(""), 5}, .names = {}})));
}

TEST_CASE("both trainers take the same steps") {
  constexpr AdamOptions options = {.beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-8};
  Random scalar_random(9), matrix_random(9);
  ScalarTrainer scalars(
      6, [&] { return 0.2 * scalar_random.normal(); }, options);
  MatrixTrainer matrices(
      6, [&] { return 0.2 * matrix_random.normal(); }, options);
  const std::vector<Tokens> names = {{0, 1, 2}, {4, 4}, {}, {3, 0, 3, 0, 1}};
  for (std::size_t step = 0; step < 20; ++step) {
    const Tokens* const name[] = {&names[step % names.size()]};
    CHECK_THAT(scalars.train_step(name, 0.01), WithinAbs(matrices.train_step(name, 0.01), 1e-9));
  }
  const Tokens so_far = {3, 0};
  CHECK(largest_difference(scalars.next_logits()(so_far), matrices.next_logits()(so_far)) < 1e-8);
}

TEST_CASE("the first steps of microgpt.py, on both tapes") {
  const Corpus corpus = load_corpus();
  if (!corpus.is_canonical()) SKIP("needs the canonical names.txt; set MICROGPT_NAMES to it");
  Replay first = published_run();
  first.losses.resize(10);
  const auto ten_steps = [](long steps_done, double) { return steps_done < 10; };
  for (const Replay& mine :
       {replay_on_scalars(corpus.rows, ten_steps), replay_on_matrices(corpus.rows, ten_steps)}) {
    CHECK(largest_difference(mine, first) < 1e-9);
  }
}

TEST_CASE("microgpt.py, step for step and name for name, on both tapes", "[nll]") {
  const Corpus corpus = load_corpus();
  if (!corpus.is_canonical()) SKIP("needs the canonical names.txt; set MICROGPT_NAMES to it");
  const Replay published = published_run();
  const auto go_on = [](long, double) { return true; };
  for (const Replay& mine :
       {replay_on_scalars(corpus.rows, go_on), replay_on_matrices(corpus.rows, go_on)}) {
    REQUIRE(mine.losses.size() == 1000);
    CHECK(largest_difference(mine, published) < 1e-9);
    CHECK(mine.names == published.names);
  }
}
