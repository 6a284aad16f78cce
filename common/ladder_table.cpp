#include "common/ladder_table.hpp"

#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/terminal.hpp"
#include "common/utf8.hpp"

namespace ladder {
namespace {

using nlohmann::json;

constexpr std::size_t names_shown = 3;

constexpr const char* no_result =
    "not the results of a run; the programs of the ladder write them with --json";

// For messages.
std::string shown_stage(const json& run) {
  return shortened(printable(run.at("stage").get<std::string>()), 40);
}

json first_samples(const json& run) {
  json names = json::array();
  for (const json& sample : run.at("samples")) {
    if (names.size() == names_shown) break;
    names.push_back(sample.at("name").get<std::string>());
  }
  return names;
}

// What both runs of a stage agree on, with places for what they measure.
json empty_row(const json& run) {
  return {{"stage", run.at("stage")},
          {"adds", run.at("adds")},
          {"parameters", run.at("parameters")},
          {"nll", {{"corpus", nullptr}, {"held_out", nullptr}, {"held_out_train", nullptr}}},
          {"seconds", {{"corpus", nullptr}, {"held_out", nullptr}}},
          {"steps", run.at("steps")},
          {"samples", first_samples(run)}};
}

bool is_count(const json& value) {
  return value.is_number_integer() && (value.is_number_unsigned() || value.get<long>() >= 0);
}

// Throws json::exception or Error if something is missing or of another kind than to_json() wrote.
void check_run(const json& run) {
  const json& corpus = run.at("corpus");
  for (const json* text :
       {&run.at("stage"), &run.at("adds"), &run.at("protocol"), &run.at("machine").at("processor"),
        &corpus.at("name"), &corpus.at("sha256")}) {
    if (!text->is_string()) throw Error(no_result);
  }
  for (const json* count : {&run.at("parameters"), &corpus.at("rows")}) {
    if (!is_count(*count)) throw Error(no_result);
  }
  const auto protocol = run.at("protocol").get<std::string>();
  if (protocol != "corpus" && protocol != "held out") throw Error(no_result);
}

void add_run(json& row, const json& run) {
  const std::string stage = shown_stage(run);
  const bool held_out = run.at("protocol").get<std::string>() == "held out";
  const char* key = held_out ? "held_out" : "corpus";
  if (run.at("interrupted").get<bool>()) {
    throw Error(fmt::format("{} was interrupted; run it again", stage));
  }
  if (!row.at("seconds").at(key).is_null()) {
    throw Error(fmt::format("two results of {} by the same protocol; name one of them", stage));
  }
  const json& nll = run.at("nll");
  row["nll"][key] = nll.at(held_out ? "val" : "train").get<double>();
  if (held_out) row["nll"]["held_out_train"] = nll.at("train").get<double>();
  row["seconds"][key] = run.at("seconds").get<double>();
  if (!held_out) row["samples"] = first_samples(run);
}

}  // namespace

nlohmann::json join_results(const std::vector<nlohmann::json>& runs) {
  if (runs.empty()) throw Error("there are no results to put into a table");
  std::map<std::string, json> rows;  // in the order of their names
  try {
    const json& first = runs.front();
    for (const json& run : runs) {
      check_run(run);
      const auto stage = run.at("stage").get<std::string>();
      if (run.at("corpus").at("sha256") != first.at("corpus").at("sha256")) {
        throw Error(fmt::format("{} and {} were measured on different corpora; run both again",
                                shown_stage(first), shown_stage(run)));
      }
      add_run(rows.try_emplace(stage, empty_row(run)).first->second, run);
    }
    json ladder = {{"stages", json::array()}};
    for (const char* key : {"corpus", "machine", "seed"}) {
      ladder[key] = first.at(key);
    }
    for (auto& [stage, row] : rows) ladder["stages"].push_back(std::move(row));
    return ladder;
  } catch (const json::exception&) {
    throw Error(no_result);
  }
}

}  // namespace ladder
