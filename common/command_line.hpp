#pragma once
/// \file
/// The command line that all programs of the ladder share.

#include <initializer_list>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "common/options.hpp"

namespace ladder {

/// The options a program may offer beside --json, --force, --quiet and --help, which every one has.
/// Whoever makes up names (`samples`) takes --samples, --start and --score.
enum class Flag { data, held_out, seed, steps, samples, temperature, weights, compare };

/// Declares and reads the command line. Further options: `cli.app.add_flag(…)`, as CLI11 does it,
/// and add_number() (numbers.hpp).
class CommandLine {
 public:
  /// \param options  its values are the defaults, and are replaced by what the reader says
  CommandLine(const std::string& name, const std::string& description, Options& options,
              std::initializer_list<Flag> flags);

  /// With the flag `mode` the program does something else, and only `others` have an effect on it:
  /// any other option beside them is a usage error. An option whose value may be left out is
  /// such a flag where it is. Call before parse().
  void mode(const std::string& mode, std::initializer_list<const char*> others);

  /// The value of this option is a file to be written, like that of --json. Call before parse().
  void writes(const std::string& option);

  /// The values of this option are files that are read, and so never written. Call before parse().
  void reads(const std::string& option);

  /// \returns false if --help was asked for and has been printed.
  /// \throws UsageError on anything that is not an option, not a value for it, or an option without
  /// effect.
  /// \throws Error if a file cannot be written (see check_output()), or that of --compare not be
  /// read: better now than after minutes of training.
  bool parse(int argc, const char* const* argv);

  CLI::App app;  ///< the parser itself, for options that only one program has

 private:
  struct Mode {
    std::string name;
    std::vector<std::string> others;
  };

  void add(Flag flag, Options& options);
  bool given(const std::string& option) const;
  bool chosen(const std::string& mode) const;
  void check_effects() const;
  void check_outputs() const;

  const Options& options_;
  std::vector<Mode> modes_;
  std::vector<std::string> inputs_ = {"--compare"};
  std::vector<std::string> outputs_ = {"--json"};
};

}  // namespace ladder
