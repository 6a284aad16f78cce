#pragma once
/// \file
/// The command line that all programs of the ladder share.

#include <cstdint>
#include <initializer_list>
#include <string>

#include <CLI/CLI.hpp>

#include "common/corpus.hpp"
#include "common/dataset.hpp"

namespace ladder {

/// What the reader asked for. A program sets its own defaults before parsing.
struct Options {
  std::string data;          ///< --data: a corpus; empty means load_corpus() chooses
  bool held_out = false;     ///< --held-out / --corpus: which protocol (see Dataset)
  std::uint64_t seed = 42;   ///< --seed
  long steps = 0;            ///< --steps
  int samples = 10;          ///< --samples: names to make up
  double temperature = 1.0;  ///< --temperature
  std::string weights;       ///< --weights: safetensors file
  std::string json;          ///< --json: results
  std::string compare;       ///< --compare: the results of the rung below
  bool quiet = false;        ///< --quiet: no progress bar, results only
};

/// The options a program may offer beside --json, --quiet and --help, which every one has.
enum class Flag { data, held_out, seed, steps, samples, temperature, weights, compare };

/// Declares and reads the command line. Further options: `cli.app.add_option(…)`, as CLI11 does it.
class CommandLine {
 public:
  /// \param options  its values are the defaults, and are replaced by what the reader says
  CommandLine(const std::string& name, const std::string& description, Options& options,
              std::initializer_list<Flag> flags);

  /// \returns false if --help was asked for and has been printed.
  /// \throws UsageError on anything that is not an option or not a value for it.
  /// \throws Error if the file for --json cannot be written or that of --compare not be read:
  /// better now than after minutes of training.
  bool parse(int argc, const char* const* argv);

  CLI::App app;

 private:
  const Options& options_;
};

/// The names split as `options` asks.
Dataset make_dataset(const Options& options, std::vector<Tokens> names);

}  // namespace ladder
