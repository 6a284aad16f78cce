#pragma once
/// \file
/// The command line that all programs of the ladder share.

#include <initializer_list>
#include <string>

#include <CLI/CLI.hpp>

#include "common/options.hpp"

namespace ladder {

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

}  // namespace ladder
