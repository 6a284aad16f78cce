// Puts the results of the stages side by side: ladder_table --json ladder.json results/0*.json

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/command_line.hpp"
#include "common/error.hpp"
#include "common/ladder_table.hpp"
#include "common/program.hpp"
#include "common/results.hpp"
#include "common/terminal.hpp"

namespace ladder {
namespace {

void run(const std::vector<std::string>& files, bool markdown, const std::string& json) {
  std::vector<nlohmann::json> runs;
  for (const std::string& file : files) {
    runs.push_back(read_json(file));
    try {
      join_results({runs.back()});  // so that an error can name the file
    } catch (const Error& error) {
      throw Error(fmt::format("{}: {}", file, error.what()));
    }
  }
  const nlohmann::json joined = join_results(runs);
  const auto width = static_cast<std::size_t>(std::max(80, terminal_columns()));
  fmt::print("{}", markdown ? format_ladder_markdown(joined) : format_ladder(joined, width));
  if (!json.empty()) write_json(json, joined);
}

}  // namespace
}  // namespace ladder

int main(int argc, char** argv) {
  return ladder::run_program([&] {
    std::vector<std::string> files;
    bool markdown = false;
    ladder::Options options;
    ladder::CommandLine cli("ladder_table", "The results of the stages side by side.", options, {});
    cli.app.add_option("results", files, "files that the programs wrote with --json")->required();
    cli.app.add_flag("--markdown", markdown, "a Markdown table");
    cli.reads("results");
    if (cli.parse(argc, argv)) ladder::run(files, markdown, options.json);
  });
}
