#include <cmath>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "06_gpt_adam/replay.hpp"
#include "common/corpus.hpp"

using namespace ladder;

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
