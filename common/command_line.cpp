#include "common/command_line.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "common/corpus.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/outputs.hpp"
#include "common/results.hpp"
#include "common/shipped.hpp"

namespace ladder {
namespace {

constexpr std::size_t description_column = 32;
constexpr std::size_t terminal_width = 80;

// The library leaves long lines to the terminal, which breaks them in the middle of a word.
std::string wrapped_help(const std::string& help) {
  std::istringstream lines(help);
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    while (line.size() > terminal_width) {
      std::size_t end = line.rfind(' ', terminal_width);
      if (end == std::string::npos || end <= description_column) break;
      text += line.substr(0, end) + "\n";
      line = std::string(description_column, ' ') + line.substr(end + 1);
    }
    text += line + "\n";
  }
  return text;
}

}  // namespace

CommandLine::CommandLine(const std::string& name, const std::string& description, Options& options,
                         std::initializer_list<Flag> flags)
    : app(description, name), options_(options) {
  app.option_defaults()->always_capture_default();
  app.get_formatter()->column_width(description_column);
  for (const Flag flag : flags) add(flag, options);
  app.add_option("--json", options.json, "write the results to this file");
  app.add_flag("--force", options.force, "replace files that no program of the ladder wrote");
  app.add_flag("--quiet", options.quiet, "no progress bar, and nothing but the results");
}

void CommandLine::add(Flag flag, Options& options) {
  switch (flag) {
    case Flag::data:
      app.add_option("--data", options.data,
                     "corpus: a text file, one name a line; - reads standard input (default: "
                     "MICROGPT_NAMES, the canonical corpus if downloaded, the built-in one)");
      break;
    case Flag::held_out:
      app.add_flag("--held-out,!--corpus", options.held_out,
                   "learn from 90% of the different names and measure on the other 10% "
                   "(--corpus: learn from all rows and measure on them)");
      break;
    case Flag::seed:
      add_seed(app, options.seed);
      break;
    case Flag::steps:
      add_whole_number(app, "--steps", options.steps, 1, no_limit, "training steps");
      break;
    case Flag::samples:
      add_whole_number(app, "--samples", options.samples, 0, 1'000'000, "names to make up");
      app.add_option("--start", options.start, "letters that every made-up name begins with");
      app.add_option("--score", options.score,
                     "the NLL of these names: letter by letter if it is one, a table if they are "
                     "many; - reads them from standard input, one a line")
          ->expected(1, 1'000'000)
          ->default_str("");
      break;
    case Flag::temperature:
      add_number(
          app, "--temperature", 0, 1000, [&options](double t) { options.temperature = t; },
          "below 1: more likely names; above 1: more surprising ones; 0: always the most likely "
          "letter")
          ->default_str(fmt::format("{:g}", options.temperature));
      break;
    case Flag::weights:
      app.add_option("--weights", options.weights, "safetensors file of the model")
          ->default_str(options.weights == shipped_weights_path() ? "the shipped ones"
                                                                  : options.weights);
      break;
    case Flag::compare:
      app.add_option("--compare", options.compare,
                     "results (--json) of the stage below, to stand beside this one's");
      break;
  }
}

void CommandLine::mode(const std::string& mode, std::initializer_list<const char*> others) {
  modes_.push_back({mode, {others.begin(), others.end()}});
}

void CommandLine::writes(const std::string& option) { outputs_.push_back(option); }

void CommandLine::reads(const std::string& option) { inputs_.push_back(option); }

bool CommandLine::given(const std::string& option) const {
  const CLI::Option* declared = app.get_option_no_throw(option);
  return declared != nullptr && declared->count() > 0;
}

bool CommandLine::chosen(const std::string& mode) const {
  if (!given(mode)) return false;
  const CLI::Option& option = *app.get_option(mode);
  const bool may_stand_alone = option.get_expected_min() == 0 && option.get_expected_max() > 0;
  return !may_stand_alone || option.results() == std::vector<std::string>{""};
}

bool CommandLine::parse(int argc, const char* const* argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", wrapped_help(app.help()));
    return false;
  } catch (const CLI::ParseError& error) {
    throw UsageError(fmt::format("{}; {} --help lists the options", error.what(), app.get_name()));
  }
  check_effects();
  check_outputs();
  if (!options_.compare.empty()) read_earlier(options_.compare);
  return true;
}

// An option that changes nothing is a mistake of the reader's, who expects it to.
void CommandLine::check_effects() const {
  for (const Mode& mode : modes_) {
    if (!chosen(mode.name)) continue;
    for (const CLI::Option* option : app.get_options()) {
      const std::string name = option->get_name();
      const auto& others = mode.others;
      const bool effective =
          name == mode.name || std::find(others.begin(), others.end(), name) != others.end();
      if (option->count() > 0 && !effective) {
        throw UsageError(
            fmt::format("{} has no effect with {}; leave one of them out", name, mode.name));
      }
    }
  }
  for (const char* option : {"--start", "--temperature"}) {
    if (options_.samples == 0 && given("--samples") && given(option)) {
      throw UsageError(fmt::format("{} has no effect with --samples 0", option));
    }
  }
  const bool scores_stdin = options_.score == std::vector<std::string>{"-"};
  if (scores_stdin && options_.data == "-") {
    throw UsageError("--data - and --score - cannot both read standard input");
  }
}

void CommandLine::check_outputs() const {
  std::vector<std::string> files = {corpus_path(options_.data)};
  const bool reads_weights =
      std::find(outputs_.begin(), outputs_.end(), "--weights") == outputs_.end();
  if (reads_weights) files.push_back(options_.weights);
  for (const std::string& option : inputs_) {
    if (!given(option)) continue;
    const auto& paths = app.get_option(option)->results();
    files.insert(files.end(), paths.begin(), paths.end());
  }
  for (const std::string& option : outputs_) {
    if (!given(option)) continue;
    const auto path = app.get_option(option)->as<std::string>();
    check_output(path, files, options_.force);
    files.push_back(path);
  }
}

Dataset make_dataset(const Options& options, std::vector<Tokens> names) {
  return options.held_out ? split_held_out(std::move(names), options.seed)
                          : whole_corpus(std::move(names));
}

}  // namespace ladder
