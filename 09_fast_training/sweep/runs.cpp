#include "09_fast_training/sweep/runs.hpp"

#include <cmath>

#include <nlohmann/json.hpp>

#include "common/error.hpp"

namespace ladder {
namespace {

nlohmann::json to_json(const Configuration& configuration) {
  return {{"width", configuration.width},
          {"batch", configuration.batch},
          {"lr", configuration.lr},
          {"steps", configuration.steps},
          {"budget", configuration.budget}};
}

Configuration configuration_from_json(const nlohmann::json& json) {
  const Configuration result = {.width = json.at("width"),
                                .batch = json.at("batch"),
                                .lr = json.at("lr"),
                                .steps = json.at("steps"),
                                .budget = json.at("budget")};
  if (result.width < 1 || result.batch < 1 || !(result.lr > 0) || result.steps < 1 ||
      !(result.budget > 0)) {
    throw Error("no such configuration");
  }
  return result;
}

}  // namespace

nlohmann::json to_json(const SweepRun& run, const Configuration& configuration) {
  nlohmann::json json = to_json(configuration);
  json["run"] = run.index;
  json["parameters"] = run.parameters;
  json["seconds"] = run.seconds;
  json["nll"] = {{"train", nullptr}, {"val", nullptr}};
  json["diverged"] = nullptr;
  if (run.diverged.empty()) {
    json["nll"] = {{"train", run.train_nll}, {"val", run.val_nll}};
  } else {
    json["diverged"] = run.diverged;
  }
  return json;
}

SweepRun run_from_json(const nlohmann::json& json, const std::vector<Configuration>& plan) {
  try {
    SweepRun run{.index = json.at("run"),
                 .parameters = json.at("parameters"),
                 .seconds = json.at("seconds"),
                 .diverged = {}};
    if (run.index >= plan.size() || configuration_from_json(json) != plan[run.index]) {
      throw Error("no run of this plan");
    }
    if (json.at("diverged").is_null()) {
      run.train_nll = json.at("nll").at("train");
      run.val_nll = json.at("nll").at("val");
    } else {
      run.diverged = json.at("diverged");
    }
    if (!(run.seconds >= 0)) throw Error("no time");
    return run;
  } catch (const nlohmann::json::exception&) {
    throw Error("not a run");
  }
}

nlohmann::json to_json(const std::vector<Configuration>& plan) {
  nlohmann::json json = nlohmann::json::array();
  for (const Configuration& configuration : plan) json.push_back(to_json(configuration));
  return json;
}

std::vector<Configuration> plan_from_json(const nlohmann::json& json) {
  try {
    std::vector<Configuration> plan;
    for (const nlohmann::json& one : json) plan.push_back(configuration_from_json(one));
    return plan;
  } catch (const nlohmann::json::exception&) {
    throw Error("not a plan");
  }
}

}  // namespace ladder
