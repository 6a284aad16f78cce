#include "common/ladder_table.hpp"

#include <algorithm>
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

struct Column {
  std::vector<std::string> title;  // lines, the last one next to the rule
  std::size_t width;
  bool numbers;  // to the right
};

// 100 columns in all, two spaces between.
const std::vector<Column>& columns() {
  static const std::vector<Column> all = {{{"", "rung"}, 18, false},
                                          {{"", "what it adds"}, 22, false},
                                          {{"para-", "meters"}, 6, true},
                                          {{"NLL", "corpus"}, 6, true},
                                          {{"NLL", "held out"}, 8, true},
                                          {{"", "seconds"}, 7, true},
                                          {{"names", "it makes up"}, 21, false}};
  return all;
}

std::string number_or_dash(const json& value, int digits) {
  return value.is_number() ? fmt::format("{:.{}f}", value.get<double>(), digits) : "–";
}

// Seconds of the run on the corpus; of the other one if there is no such run.
const json& seconds_shown(const json& stage) {
  const json& seconds = stage.at("seconds");
  return seconds.at(seconds.at("corpus").is_null() ? "held_out" : "corpus");
}

// The cells of a row, as the columns are.
std::vector<std::string> cells_of(const json& stage) {
  const json& nll = stage.at("nll");
  std::string names;
  for (const json& sample : stage.at("samples")) {
    if (!names.empty()) names += ", ";
    names += sample.get<std::string>();
  }
  return {stage.at("stage").get<std::string>(),
          stage.at("adds").get<std::string>(),
          with_commas(stage.at("parameters").get<std::size_t>()),
          number_or_dash(nll.at("corpus"), 4),
          number_or_dash(nll.at("held_out"), 4),
          number_or_dash(seconds_shown(stage), 2),
          names};
}

std::string padded(const std::string& text, const Column& column) {
  const std::size_t width = display_width(text);
  const std::string space(column.width - std::min(width, column.width), ' ');
  return column.numbers ? space + text : text + space;
}

// One row, as many lines high as its tallest cell. `cells` holds the lines of each cell.
std::string format_row(const std::vector<std::vector<std::string>>& cells) {
  std::size_t height = 1;
  for (const auto& lines : cells) height = std::max(height, lines.size());
  std::string text;
  for (std::size_t i = 0; i < height; ++i) {
    std::string line;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      if (c > 0) line += "  ";
      line += padded(i < cells[c].size() ? cells[c][i] : "", columns()[c]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

json first_samples(const json& run) {
  json names = json::array();
  for (const json& sample : run.at("samples")) {
    if (names.size() == names_shown) break;
    names.push_back(sample.at("name").get<std::string>());
  }
  return names;
}

// What both runs of a rung agree on, with places for what they measure.
json empty_row(const json& run) {
  return {{"stage", run.at("stage")},
          {"adds", run.at("adds")},
          {"parameters", run.at("parameters")},
          {"nll", {{"corpus", nullptr}, {"held_out", nullptr}, {"held_out_train", nullptr}}},
          {"seconds", {{"corpus", nullptr}, {"held_out", nullptr}}},
          {"steps", run.at("steps")},
          {"samples", first_samples(run)}};
}

void add_run(json& row, const json& run) {
  const auto stage = run.at("stage").get<std::string>();
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

json join_results(const std::vector<json>& runs) {
  if (runs.empty()) throw Error("there are no results to put into a table");
  std::map<std::string, json> rows;  // in the order of their names
  try {
    const json& first = runs.front();
    for (const json& run : runs) {
      const auto stage = run.at("stage").get<std::string>();
      if (run.at("corpus").at("sha256") != first.at("corpus").at("sha256")) {
        throw Error(fmt::format("{} and {} were measured on different corpora; run both again",
                                first.at("stage").get<std::string>(), stage));
      }
      add_run(rows.try_emplace(stage, empty_row(run)).first->second, run);
    }
    json ladder = {{"stages", json::array()}};
    for (const char* key : {"corpus", "machine", "compiler", "date", "seed"}) {
      ladder[key] = first.at(key);
    }
    for (auto& [stage, row] : rows) ladder["stages"].push_back(std::move(row));
    return ladder;
  } catch (const json::exception&) {
    throw Error("not the results of a run; the programs of the ladder write them with --json");
  }
}

std::vector<std::string> wrap_words(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    std::string word(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    if (display_width(word) > width) {
      word = encode_utf8(decode_utf8(word).value_or(U"?").substr(0, width - 1)) + "…";
    }
    if (!lines.back().empty() && display_width(lines.back()) + 1 + display_width(word) > width) {
      lines.emplace_back();
    }
    if (!lines.back().empty()) lines.back() += " ";
    lines.back() += word;
  }
  return lines;
}

std::string format_ladder(const json& ladder) {
  std::vector<std::vector<std::string>> titles;
  std::size_t total = 2 * (columns().size() - 1);
  for (const Column& column : columns()) {
    titles.push_back(column.title);
    total += column.width;
  }
  std::string rule;
  for (std::size_t i = 0; i < total; ++i) rule += "─";

  std::string text = format_row(titles) + rule + "\n";
  for (const json& stage : ladder.at("stages")) {
    const std::vector<std::string> cells = cells_of(stage);
    std::vector<std::vector<std::string>> lines;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      lines.push_back(wrap_words(cells[c], columns()[c].width));
    }
    text += format_row(lines);
  }
  const json& corpus = ladder.at("corpus");
  return text + rule +
         fmt::format(
             "\nNLL: nats a predicted character, the end of each name included; less is better.\n"
             "corpus: learned from all names and measured on them. held out: learned from 90% of "
             "the\ndifferent names, measured on the other 10%. seconds: of training, by the "
             "corpus protocol.\nRead: {}, {} names. Machine: {}.\n",
             corpus.at("name").get<std::string>(),
             with_commas(corpus.at("rows").get<std::size_t>()),
             ladder.at("machine").get<std::string>());
}

std::string format_ladder_markdown(const json& ladder) {
  std::string text =
      "| rung | what it adds | parameters | NLL corpus | NLL held out | seconds "
      "| names it makes up |\n|---|---|---:|---:|---:|---:|---|\n";
  for (const json& stage : ladder.at("stages")) {
    const std::vector<std::string> cells = cells_of(stage);
    text += fmt::format("| {} |\n", fmt::join(cells, " | "));
  }
  return text;
}

}  // namespace ladder
