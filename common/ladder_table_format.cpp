// How the table looks; ladder_table.cpp puts together what stands in it. Laid out by
// hand, in a few lines: fmt formats the numbers, but it takes an accent for a column of its own and
// does not wrap; how wide a name in any alphabet is on a terminal, utf8proc knows
// (common/utf8.hpp).

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "common/ladder_table.hpp"
#include "common/terminal.hpp"
#include "common/utf8.hpp"

namespace ladder {
namespace {

using nlohmann::json;

// Columns of the table for a terminal, two spaces between; what is left of a line is the names'.
constexpr std::size_t stage_width = 18, parameters_width = 10, corpus_width = 6, held_out_width = 8,
                      seconds_width = 7, least_names_width = 21;
constexpr std::size_t figures_width = stage_width + 2 + parameters_width + 2 + corpus_width + 2 +
                                      held_out_width + 2 + seconds_width + 2;
static_assert(figures_width + least_names_width == 80);

// With fewer digits behind the point, and at last as a power of ten, where `width` is too small.
std::string fitted(double value, int digits, std::size_t width) {
  for (; digits >= 0 && std::isfinite(value); --digits) {
    std::string text = fmt::format("{:.{}f}", value, digits);
    if (text.size() <= width) return text;
  }
  return fmt::format("{:.0e}", value);
}

std::string number_or_dash(const json& value, int digits, std::size_t width) {
  return value.is_number() ? fitted(value.get<double>(), digits, width) : "–";
}

std::string count_of(const json& value, std::size_t width) {
  const auto count = value.get<std::size_t>();
  std::string text = with_commas(count);
  return text.size() <= width ? text : fmt::format("{:.1e}", static_cast<double>(count));
}

// Seconds of the run on the corpus; of the other one if there is no such run.
const json& seconds_shown(const json& stage) {
  const json& seconds = stage.at("seconds");
  return seconds.at(seconds.at("corpus").is_null() ? "held_out" : "corpus");
}

// What the table shows of a stage.
struct Row {
  std::string stage, adds, parameters, corpus, held_out, seconds;
  std::vector<std::string> names;
};

Row row_of(const json& stage) {
  const json& nll = stage.at("nll");
  Row row{.stage = printable(stage.at("stage").get<std::string>()),
          .adds = printable(stage.at("adds").get<std::string>()),
          .parameters = count_of(stage.at("parameters"), parameters_width),
          .corpus = number_or_dash(nll.at("corpus"), 4, corpus_width),
          .held_out = number_or_dash(nll.at("held_out"), 4, corpus_width),
          .seconds = number_or_dash(seconds_shown(stage), 2, seconds_width),
          .names = {}};
  for (const json& sample : stage.at("samples")) {
    row.names.push_back(shown_name(sample.get<std::string>()));
  }
  return row;
}

std::string format_figures(const Row& row) {
  return pad_right(shortened(row.stage, stage_width), stage_width) + "  " +
         pad_left(row.parameters, parameters_width) + "  " + pad_left(row.corpus, corpus_width) +
         "  " + pad_left(row.held_out, held_out_width) + "  " +
         pad_left(row.seconds, seconds_width) + "  ";
}

// Two columns of lines beside each other, the left one as wide as the figures.
std::string side_by_side(const std::vector<std::string>& left,
                         const std::vector<std::string>& right) {
  std::string text;
  for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
    std::string line = pad_right(i < left.size() ? left[i] : "", figures_width);
    if (i < right.size()) line += right[i];
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

// The figures, under them what the stage adds, and beside both the names it makes up.
std::string format_row(const Row& row, std::size_t names_width) {
  std::vector<std::string> left = {format_figures(row)};
  for (const std::string& line : wrap_words(row.adds, figures_width - 4)) {
    left.push_back("  " + line);
  }
  return side_by_side(left, wrap_words(fmt::format("{}", fmt::join(row.names, ", ")), names_width));
}

// Text that Markdown shows as it is, also within a table.
std::string escaped(std::string_view text, std::string_view special) {
  std::string safe;
  for (const char byte : text) {
    if (special.find(byte) != std::string_view::npos) safe += '\\';
    safe += byte;
  }
  return safe;
}

}  // namespace

std::vector<std::string> wrap_words(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    std::string word(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    word = shortened(word, width);
    if (!lines.back().empty() && display_width(lines.back()) + 1 + display_width(word) > width) {
      lines.emplace_back();
    }
    if (!lines.back().empty()) lines.back() += " ";
    lines.back() += word;
  }
  return lines;
}

std::string format_ladder(const nlohmann::json& ladder, std::size_t width) {
  std::vector<Row> rows;
  std::size_t names_width = least_names_width;  // no wider than the names need
  for (const json& stage : ladder.at("stages")) {
    rows.push_back(row_of(stage));
    names_width =
        std::max(names_width, display_width(fmt::format("{}", fmt::join(rows.back().names, ", "))));
  }
  names_width = std::min(names_width, width - figures_width);
  const std::size_t total = figures_width + names_width;
  std::string rule;
  for (std::size_t i = 0; i < total; ++i) rule += "─";

  std::string text = side_by_side(
      {format_figures({"", "", "", "NLL", "NLL", "", {}}),
       format_figures({"stage", "", "parameters", "corpus", "held out", "seconds", {}})},
      {"names", "it makes up"});
  text += rule + "\n";
  for (const Row& row : rows) text += format_row(row, names_width);
  text += rule + "\n";
  const json& corpus = ladder.at("corpus");
  for (const std::string& note :
       {std::string(
            "NLL: nats a predicted character, the end of each name included; less is better."),
        std::string("corpus: learned from all names and measured on them. held out: learned from "
                    "90% of the different names, measured on the other 10%. seconds: of training, "
                    "by the corpus protocol."),
        fmt::format("Read: {}, {} names. Machine: {}.",
                    printable(corpus.at("name").get<std::string>()),
                    with_commas(corpus.at("rows").get<std::size_t>()),
                    printable(ladder.at("machine").at("processor").get<std::string>()))}) {
    for (const std::string& line : wrap_words(note, total)) text += line + "\n";
  }
  return text;
}

std::string format_ladder_markdown(const nlohmann::json& ladder) {
  // In the name of a stage "_" stands between letters, where it means nothing to Markdown.
  constexpr std::string_view special = "_\\`*{}[]<>|~#&$", special_in_stage = special.substr(1);
  std::string text =
      "| stage | what it adds | parameters | NLL corpus | NLL held out | seconds "
      "| names it makes up |\n|---|---|---:|---:|---:|---:|---|\n";
  for (const json& stage : ladder.at("stages")) {
    const Row row = row_of(stage);
    std::vector<std::string> names;
    for (const std::string& name : row.names) names.push_back(escaped(name, special));
    text +=
        fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", escaped(row.stage, special_in_stage),
                    escaped(row.adds, special), row.parameters, row.corpus, row.held_out,
                    row.seconds, fmt::join(names, ", "));
  }
  return text;
}

}  // namespace ladder
