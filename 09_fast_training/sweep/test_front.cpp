// What a sweep has shown: the front, the best within a time, the time to an NLL.

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "09_fast_training/sweep/front.hpp"
#include "common/error.hpp"
#include "common/program_checks.hpp"

using namespace ladder;
using namespace ladder::program_checks;

namespace {

SweepRun run_of(std::size_t index, double seconds, double val_nll) {
  return {.index = index,
          .parameters = 4240,
          .seconds = seconds,
          .train_nll = val_nll - 0.01,
          .val_nll = val_nll,
          .diverged = {}};
}

// 0 and 3 are beaten, 4 diverged, 5 is as good as 2 but later, 6 as fast as 1 but worse.
const std::vector<SweepRun> runs = {
    run_of(0, 3, 2.3),
    run_of(1, 1, 2.2),
    run_of(2, 4, 2.05),
    run_of(3, 30, 2.06),
    {.index = 4, .parameters = 4240, .seconds = 0.1, .diverged = "training diverged at step 3"},
    run_of(5, 5, 2.05),
    run_of(6, 1, 2.25),
    run_of(7, 25, 1.99)};

const std::vector<Configuration> plan(8, {16, 16, 0.01, 12'345, 5});

std::vector<std::size_t> indices(const std::vector<SweepRun>& some) {
  std::vector<std::size_t> result;
  for (const SweepRun& run : some) result.push_back(run.index);
  return result;
}

}  // namespace

TEST_CASE("the front has the runs that none beats, fastest first") {
  CHECK(indices(pareto_front(runs)) == std::vector<std::size_t>{1, 2, 7});
  CHECK(pareto_front({}).empty());
  CHECK(pareto_front({runs[4]}).empty());
}

TEST_CASE("the best within a time, and the time to an NLL: the limit itself counts") {
  const auto front = pareto_front(runs);
  CHECK(best_within(1, front)->index == 1);
  CHECK(best_within(4.5, front)->index == 2);
  CHECK(best_within(100, front)->index == 7);
  CHECK(!best_within(0.99, front));
  CHECK(fastest_to(2.2, front)->index == 1);
  CHECK(fastest_to(2.19, front)->index == 2);
  CHECK(!fastest_to(1.98, front));
}

TEST_CASE("the front as JSON and as a table say the same, in 80 columns") {
  const auto json = front_json(runs, plan);
  CHECK(json["rows"].size() == 8);
  CHECK(json["rows"][4]["nll"]["val"].is_null());
  CHECK(json["rows"][4]["diverged"] == "training diverged at step 3");
  REQUIRE(json["front"].size() == 3);
  CHECK(json["front"][2]["nll"]["val"] == 1.99);
  CHECK(json["best"][0]["within"] == 1);
  CHECK(json["best"][0]["run"]["run"] == 1);
  CHECK(json["best"][2]["run"]["run"] == 2);  // the 25 s are too long
  CHECK(json["time_to"]["run"]["seconds"] == 25);

  const std::string text = front_text(runs, plan);
  check_width(text);
  CHECK_THAT(text, ContainsSubstring("of 8 runs") && ContainsSubstring("(1 diverged)"));
  CHECK_THAT(text, ContainsSubstring("best within  1 s: NLL 2.2000 (width 16, batch 16, lr 0.01, "
                                     "12,345 steps)"));
  CHECK_THAT(text, ContainsSubstring("time to NLL 2.0: 25.00 s"));
  const std::string none = front_text({runs[0]}, plan);
  CHECK_THAT(none, ContainsSubstring("best within  1 s: no run was done by then") &&
                       ContainsSubstring("time to NLL 2.0: not reached"));
  CHECK(front_json({runs[0]}, plan)["time_to"]["run"].is_null());
}

TEST_CASE("a run is read from what was written of it, and from nothing else") {
  for (const SweepRun& run : runs) {
    const SweepRun again = run_from_json(to_json(run, plan[run.index]), plan);
    CHECK(again.index == run.index);
    CHECK(again.seconds == run.seconds);
    CHECK(again.val_nll == run.val_nll);
    CHECK(again.train_nll == run.train_nll);
    CHECK(again.diverged == run.diverged);
  }
  CHECK(plan_from_json(to_json(plan)) == plan);
  auto json = to_json(runs[0], plan[0]);
  json["steps"] = 5;  // of another plan
  CHECK(!message_of<Error>([&] { run_from_json(json, plan); }).empty());
  json = to_json(runs[0], plan[0]);
  json["run"] = 8;
  CHECK(!message_of<Error>([&] { run_from_json(json, plan); }).empty());
  json = to_json(runs[0], plan[0]);
  json["nll"]["val"] = nullptr;
  CHECK(!message_of<Error>([&] { run_from_json(json, plan); }).empty());
}
