#include "09_fast_training/sweep/front.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/numbers.hpp"
#include "common/terminal.hpp"

namespace ladder {
namespace {

constexpr double times[] = {1, 5, 20};  // seconds
constexpr double goal = 2.0;            // nats a character

std::string in_words(const Configuration& c) {
  return fmt::format("width {}, batch {}, lr {:g}, {} steps", c.width, c.batch, c.lr,
                     with_commas(static_cast<std::size_t>(c.steps)));
}

nlohmann::json row_or_null(const std::optional<SweepRun>& run,
                           const std::vector<Configuration>& plan) {
  return run ? to_json(*run, plan.at(run->index)) : nlohmann::json();
}

}  // namespace

std::vector<SweepRun> pareto_front(std::vector<SweepRun> runs) {
  std::erase_if(runs, [](const SweepRun& run) { return !run.diverged.empty(); });
  std::sort(runs.begin(), runs.end(), [](const SweepRun& a, const SweepRun& b) {
    return a.seconds != b.seconds ? a.seconds < b.seconds : a.val_nll < b.val_nll;
  });
  std::vector<SweepRun> front;
  for (const SweepRun& run : runs) {
    if (front.empty() || run.val_nll < front.back().val_nll) front.push_back(run);
  }
  return front;
}

std::optional<SweepRun> best_within(double seconds, const std::vector<SweepRun>& front) {
  std::optional<SweepRun> best;
  for (const SweepRun& run : front) {
    if (run.seconds <= seconds && (!best || run.val_nll < best->val_nll)) best = run;
  }
  return best;
}

std::optional<SweepRun> fastest_to(double nll, const std::vector<SweepRun>& front) {
  std::optional<SweepRun> fastest;
  for (const SweepRun& run : front) {
    if (run.val_nll <= nll && (!fastest || run.seconds < fastest->seconds)) fastest = run;
  }
  return fastest;
}

nlohmann::json front_json(const std::vector<SweepRun>& runs,
                          const std::vector<Configuration>& plan) {
  const std::vector<SweepRun> front = pareto_front(runs);
  nlohmann::json json = {{"rows", nlohmann::json::array()}, {"front", nlohmann::json::array()}};
  for (const SweepRun& run : runs) json["rows"].push_back(to_json(run, plan.at(run.index)));
  for (const SweepRun& run : front) json["front"].push_back(to_json(run, plan.at(run.index)));
  for (const double time : times) {
    json["best"].push_back(
        {{"within", time}, {"run", row_or_null(best_within(time, front), plan)}});
  }
  json["time_to"] = {{"nll", goal}, {"run", row_or_null(fastest_to(goal, front), plan)}};
  return json;
}

std::string front_text(const std::vector<SweepRun>& runs, const std::vector<Configuration>& plan) {
  const std::vector<SweepRun> front = pareto_front(runs);
  const auto diverged = std::count_if(runs.begin(), runs.end(),
                                      [](const SweepRun& r) { return !r.diverged.empty(); });
  std::string text = fmt::format(
      "the Pareto front: of {} runs{}, those that none beats in time and NLL\n\n"
      "  seconds  NLL held out    train  width  parameters  batch      lr      steps\n",
      runs.size(), diverged > 0 ? fmt::format(" ({} diverged)", diverged) : "");
  for (const SweepRun& run : front) {
    const Configuration& c = plan.at(run.index);
    text += fmt::format("{:9.2f}  {:>12}  {:>7}  {:5}  {:>10}  {:5}  {:6g}  {:>9}\n", run.seconds,
                        loss_text(run.val_nll), loss_text(run.train_nll), c.width,
                        with_commas(run.parameters), c.batch, c.lr,
                        with_commas(static_cast<std::size_t>(c.steps)));
  }
  text += "\n";
  for (const double time : times) {
    const auto best = best_within(time, front);
    text += fmt::format(
        "best within {:2g} s: {}\n", time,
        best ? fmt::format("NLL {} ({})", loss_text(best->val_nll), in_words(plan.at(best->index)))
             : "no run was done by then");
  }
  const auto fastest = fastest_to(goal, front);
  text += fmt::format(
      "time to NLL {:.1f}: {}\n", goal,
      fastest ? fmt::format("{:.2f} s ({})", fastest->seconds, in_words(plan.at(fastest->index)))
              : "not reached");
  return text;
}

}  // namespace ladder
