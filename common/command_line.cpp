#include "common/command_line.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/results.hpp"

namespace ladder {
namespace {

// "nan" passes every check of a range, for it is neither below nor above anything.
std::string is_a_number(const std::string& text) {
  double value = 0;
  const bool number = CLI::detail::lexical_cast(text, value) && !std::isnan(value);
  return number ? "" : fmt::format("{} is not a number", text);
}

// The library takes -1 and 2^64 for the largest number there is.
std::string is_a_seed(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool seed = error == std::errc() && end == text.data() + text.size();
  return seed ? "" : fmt::format("{} is not a whole number from 0 to 2^64 - 1", text);
}

}  // namespace

CommandLine::CommandLine(const std::string& name, const std::string& description, Options& options,
                         std::initializer_list<Flag> flags)
    : app(description, name), options_(options) {
  app.option_defaults()->always_capture_default();
  app.get_formatter()->column_width(32);
  for (const Flag flag : flags) {
    switch (flag) {
      case Flag::data:
        app.add_option("--data", options.data,
                       "corpus: a text file, one name a line (default: MICROGPT_NAMES, the "
                       "canonical corpus if downloaded, the built-in one)");
        break;
      case Flag::held_out:
        app.add_flag("--held-out,!--corpus", options.held_out,
                     "learn from 90% of the different names and measure on the other 10% "
                     "(--corpus: learn from all rows and measure on them)");
        break;
      case Flag::seed:
        app.add_option("--seed", options.seed, "every random choice follows from it")
            ->check(is_a_seed);
        break;
      case Flag::steps:
        app.add_option("--steps", options.steps, "training steps")
            ->check(CLI::Range(1L, std::numeric_limits<long>::max()));
        break;
      case Flag::samples:
        app.add_option("--samples", options.samples, "names to make up")
            ->check(CLI::Range(0, 1'000'000));
        break;
      case Flag::temperature:
        app.add_option("--temperature", options.temperature,
                       "below 1: more likely names; above 1: more surprising ones")
            ->check(CLI::Range(0.01, 100.0))
            ->check(is_a_number);
        break;
      case Flag::weights:
        app.add_option("--weights", options.weights, "safetensors file of the model");
        break;
      case Flag::compare:
        app.add_option("--compare", options.compare,
                       "results (--json) of the rung below, to stand beside this one's");
        break;
    }
  }
  app.add_option("--json", options.json, "write the results to this file");
  app.add_flag("--quiet", options.quiet, "no progress bar, and nothing but the results");
}

bool CommandLine::parse(int argc, const char* const* argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app.help());
    return false;
  } catch (const CLI::ParseError& error) {
    throw UsageError(fmt::format("{}; {} --help lists the options", error.what(), app.get_name()));
  }
  if (!options_.json.empty()) check_writable(options_.json);
  if (!options_.compare.empty()) read_earlier(options_.compare);
  return true;
}

Dataset make_dataset(const Options& options, std::vector<Tokens> names) {
  return options.held_out ? split_held_out(std::move(names), options.seed)
                          : whole_corpus(std::move(names));
}

}  // namespace ladder
