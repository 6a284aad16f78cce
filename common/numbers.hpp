#pragma once
/// \file
/// Numbers as a reader types them, and as the ladder prints a loss.

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

namespace ladder {

/// A decimal number, all of the text: digits with at most a sign, a point and an exponent. Not
/// 0x1F, not 1_000, not "inf" or "nan"; and 0100 is a hundred.
std::optional<double> parse_number(std::string_view text);

/// The same for a whole number from `least` to `most`.
/// \throws CLI::ValidationError that says whether it is no number or out of range
std::int64_t parse_whole(const std::string& option, const std::string& text, std::int64_t least,
                         std::int64_t most);

/// \name Declares an option that takes a number
/// The library's own conversion reads 0100 as 64; these read decimals only, and tell text that is
/// no number from a number out of range.
/// \{

/// A whole number from `least` to `most`, which is handed to `set`. Text that is none, or out of
/// range, is a usage error once the command line is parsed.
CLI::Option* add_whole_number(CLI::App& app, const std::string& option, std::int64_t least,
                              std::int64_t most, std::function<void(std::int64_t)> set,
                              const std::string& description);
/// A finite number from `least` to `most`, likewise.
CLI::Option* add_number(CLI::App& app, const std::string& option, double least, double most,
                        std::function<void(double)> set, const std::string& description);
/// A learning rate: a number above 0.
CLI::Option* add_learning_rate(CLI::App& app, std::function<void(double)> set,
                               const std::string& description);
/// --seed: a whole number from 0 to 2^64 - 1; its present value is the default that --help shows.
CLI::Option* add_seed(CLI::App& app, std::uint64_t& seed);

/// A whole number written to `value`, whose present value is the default that --help shows.
template <class Integer>
CLI::Option* add_whole_number(CLI::App& app, const std::string& option, Integer& value,
                              std::int64_t least, std::int64_t most,
                              const std::string& description) {
  return add_whole_number(
             app, option, least, most,
             [&value](std::int64_t number) { value = static_cast<Integer>(number); }, description)
      ->default_str(std::to_string(value));
}
/// \}

/// As `most` of a whole number: an error message then names the least alone.
inline constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();

/// A loss or an NLL for a table: four digits after the point, or 1.4e+57 where they would break it.
std::string loss_text(double nats);

}  // namespace ladder
