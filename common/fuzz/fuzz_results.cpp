// Any bytes at all as the JSON of one run or of several: an Error of one line, or a table whose
// lines keep the promises of ladder_table.hpp.

#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/fuzz/promise.hpp"
#include "common/json.hpp"
#include "common/ladder_table.hpp"
#include "common/terminal.hpp"
#include "common/utf8.hpp"

using namespace ladder;
using nlohmann::json;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// Columns of a Markdown row: pipes that no backslash takes the meaning from.
int count_pipes(const std::string& line) {
  int pipes = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (line[i] == '|') {
      ++pipes;
    }
  }
  return pipes;
}

void check_tables(const json& ladder) {
  const std::size_t stages = ladder.at("stages").size();
  for (const std::size_t width : {80, 123}) {
    const auto lines = lines_of(format_ladder(ladder, width));
    require(lines.size() >= 2 * stages, "every stage has its lines");
    for (const std::string& line : lines) {
      require(printable(line) == line, "a table has no control characters");
      require(display_width(line) <= width, "a line fits");
    }
  }
  const auto lines = lines_of(format_ladder_markdown(ladder));
  require(lines.size() == 2 + stages, "every stage has a row");
  for (const std::string& line : lines) require(count_pipes(line) == 8, "a row has seven cells");
}

void check_runs(const std::vector<json>& runs) {
  try {
    const json ladder = join_results(runs);
    check_tables(ladder);
    require(parse_json(ladder.dump(), "again") == ladder, "what is joined can be written and read");
  } catch (const Error& error) {
    require(printable(error.what()) == error.what(), "an error is one line");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const json value = parse_json({reinterpret_cast<const char*>(data), size}, "fuzz");
    if (value.is_array()) {
      check_runs(value.get<std::vector<json>>());
    } else {
      check_runs({value});
    }
  } catch (const Error& error) {
    require(printable(error.what()) == error.what(), "an error is one line");
  }
  return 0;
}
