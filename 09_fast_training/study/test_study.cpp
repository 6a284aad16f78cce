// The studies as a reader runs them.
#include <cmath>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "09_fast_training/study/batch_study.hpp"
#include "09_fast_training/study/diary.hpp"
#include "common/program_checks.hpp"

using namespace ladder;
using namespace ladder::program_checks;

namespace {

const std::string program = "09_fast_training";

// Runs a study, and checks what all of them promise. \returns the rows of its JSON
nlohmann::json rows_of(const Arguments& arguments, std::string* out = nullptr) {
  const TemporaryDirectory directory;
  const std::string file = directory.file("study.json");
  const Run run = run_built(program, arguments + Arguments{"--quiet", "--json", file});
  INFO(run.err);
  REQUIRE(run.status == 0);
  CHECK(run.err.empty());
  check_width(run.out);
  if (out) *out = run.out;
  const auto json = read_json(file);
  CHECK(json["stage"] == program);
  CHECK(json["machine"].contains("processor"));
  for (const auto& row : json["rows"]) {
    CAPTURE(row.dump());
    CHECK(row["us_per_step"].get<double>() > 0);
    CHECK(row["batch"].get<int>() > 0);
    CHECK(row.contains("floor_us_per_step"));
    CHECK_FALSE(row["engine"].get<std::string>().empty());
  }
  return json["rows"];
}

std::vector<Tokens> some_names() {
  std::vector<Tokens> names;
  Random random(1);
  for (int i = 0; i < 100; ++i) {
    names.push_back({static_cast<int>(random.below(26)), static_cast<int>(random.below(26))});
  }
  return names;
}

}  // namespace

TEST_CASE("an experiment: what was tried and what is done instead") {
  std::string out;
  const auto rows = rows_of({"--experiment", "padding"}, &out);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0]["engine"].get<std::string>().starts_with("padding"));
  CHECK(rows[1]["engine"] == "padding: instead");
  CHECK(rows[0]["width"] == 16);
  // Filling is no work that needs to be done.
  CHECK(rows[0]["floor_us_per_step"] == rows[1]["floor_us_per_step"]);
  CHECK_THAT(out, ContainsSubstring("expected") && ContainsSubstring("taught"));
}

TEST_CASE("an experiment of two batch sizes is told for as many names") {
  std::string out;
  const auto rows = rows_of({"--experiment", "batch"}, &out);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0]["batch"] == 1);
  CHECK(rows[1]["batch"] == 16);
  CHECK_THAT(out,
             ContainsSubstring(fmt::format(" {:.1f} ", 16 * rows[0]["us_per_step"].get<double>())));
  CHECK_THAT(out, ContainsSubstring(fmt::format(" {:.1f} ", rows[1]["us_per_step"].get<double>())));
}

TEST_CASE("the diary prints every step and every experiment", "[nll]") {
  std::string out;
  const auto rows = rows_of({"--diary"}, &out);
  for (const DiaryStep& step : diary_steps()) CHECK_THAT(out, ContainsSubstring(step.name));
  for (const Experiment& tried : experiments()) CHECK_THAT(out, ContainsSubstring(tried.name));
  CHECK(rows.size() >= 8 + 2 * experiments().size());
  CHECK(rows[0]["engine"] == diary_steps()[0].name);
}

TEST_CASE("the comparison: tapes, loops and vectors side by side, and their nodes", "[nll]") {
  std::string out;
  const auto rows = rows_of({"--compare"}, &out);
  CHECK(rows.size() == 3 * (4 + 3));  // the scalar tape knows no batch
  double scalar_nodes = 0;
  for (const auto& row : rows) {
    const auto engine = row["engine"].get<std::string>();
    const auto nodes = row["nodes"].get<double>();
    CAPTURE(row.dump());
    if (engine.starts_with("scalar tape")) {
      CHECK(row["batch"] == 1);
      CHECK(nodes > 2 * scalar_nodes);  // twice the width, four times the weights
      scalar_nodes = nodes;
    } else if (engine.starts_with("matrix tape")) {
      CHECK(nodes > 20);
      CHECK(nodes < 60);
    } else {
      CHECK(nodes == 0);
    }
  }
  CHECK_THAT(out, ContainsSubstring("published") && ContainsSubstring("EEmicroGPT"));
}

TEST_CASE("the batch study: as many names for each, by the learning rate of its rule") {
  CHECK(study_learning_rate(1) == 0.001);
  CHECK(std::abs(study_learning_rate(16) - 0.004) < 1e-12);
  CHECK(study_learning_rate(256) == 0.01);
  const Dataset dataset = split_held_out(some_names(), 1);
  const GptParameters first = draw_parameters({16, 27, true}, Random(1));
  const auto rows = batch_study(first, dataset, {1, 7, 64}, 100, 3, true);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].steps == 100);
  CHECK(rows[1].steps == 15);  // 105 names are 100 in whole batches
  CHECK(rows[2].steps == 2);
  for (const BatchRow& row : rows) {
    CHECK(row.lr == study_learning_rate(row.batch));
    // The same training by hand.
    const auto trainer = make_fast_trainer<float>(first, {.adam = true, .options = gpt_adam});
    train_batches(
        dataset.train, {row.steps, row.batch, row.lr, 3},
        [&](Batch names, double lr) { return trainer->step(names, lr); }, "");
    CHECK(row.held_out_nll == trainer->nll(dataset.held_out));
    CHECK(row.train_nll == trainer->nll(dataset.train));
    CHECK(row.train_nll != row.held_out_nll);
  }
}

TEST_CASE("the batch study as a program") {
  const auto rows = rows_of({"--batch-study", "--steps", "4"});
  REQUIRE(rows.size() == 9);
  for (const auto& row : rows) {
    CHECK(row["steps"].get<int>() * row["batch"].get<int>() == 256);
    CHECK(row["nll"]["val"].get<double>() > 2);
    CHECK(row["us_per_step"].get<double>() ==
          row["us_per_name"].get<double>() * row["batch"].get<double>());
  }
}

TEST_CASE("the studies refuse options that change nothing") {
  const auto refused = [](const Arguments& arguments, const std::string& why) {
    const Run run = run_built(program, arguments);
    CAPTURE(arguments, run.err);
    CHECK(run.status == 2);
    CHECK(run.err.starts_with("error: "));
    CHECK_THAT(run.err, ContainsSubstring(why));
    CHECK(lines_of(run.err).size() == 1);
  };
  refused({"--diary", "--steps", "3"}, "--steps has no effect with --diary");
  refused({"--diary", "--experiment", "padding"}, "has no effect with");
  refused({"--experiment", "padding", "--lr", "0.1"}, "--lr has no effect with --experiment");
  refused({"--experiment", "nonsense"}, "nonsense");
  refused({"--compare", "--held-out"}, "--held-out has no effect with --compare");
  refused({"--batch-study", "--batch", "3"}, "--batch has no effect with --batch-study");
  refused({"--batch-study", "--bench"}, "has no effect with");
}

TEST_CASE("the option --compare with a file is the results of the stage below, as everywhere") {
  const TemporaryDirectory directory;
  const Run run = run_built(program, {"--compare", directory.file("none.json"), "--steps", "1"});
  CHECK(run.status == 1);
  CHECK_THAT(run.err, ContainsSubstring("none.json"));
}
