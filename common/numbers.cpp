#include "common/numbers.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace ladder {
namespace {

// All of the text as a whole number; "out of range" is a number too.
template <class Integer>
std::errc read_whole(std::string_view text, Integer& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool all = end == text.data() + text.size() && !text.empty();
  return all ? error : std::errc::invalid_argument;
}

[[noreturn]] void refuse(const std::string& option, const std::string& text,
                         const std::string& what) {
  throw CLI::ValidationError(option, fmt::format("'{}' is {}", text, what));
}

std::string range_text(double least, double most) {
  if (least > 0 && least < 1e-300) return "it must be above 0";
  return fmt::format("it must be from {:.7g} to {:.7g}", least, most);
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) {
    return std::nullopt;
  }
  const std::string copy(text);
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  if (end != copy.c_str() + copy.size()) return std::nullopt;
  return value;
}

std::int64_t parse_whole(const std::string& option, const std::string& text, std::int64_t least,
                         std::int64_t most) {
  std::int64_t value = 0;
  const std::errc error = read_whole(text, value);
  if (error == std::errc::invalid_argument) refuse(option, text, "not a whole number");
  if (error != std::errc() || value < least || value > most) {
    refuse(option, text,
           most == no_limit ? fmt::format("out of range: it must be {} or more", least)
                            : fmt::format("out of range: it must be from {} to {}", least, most));
  }
  return value;
}

CLI::Option* add_whole_number(CLI::App& app, const std::string& option, std::int64_t least,
                              std::int64_t most, std::function<void(std::int64_t)> set,
                              const std::string& description) {
  return app
      .add_option_function<std::string>(
          option, [=](const std::string& text) { set(parse_whole(option, text, least, most)); },
          description)
      ->type_name("N");
}

CLI::Option* add_number(CLI::App& app, const std::string& option, double least, double most,
                        std::function<void(double)> set, const std::string& description) {
  const auto read = [=](const std::string& text) {
    const auto value = parse_number(text);
    if (!value) refuse(option, text, "not a number");
    if (!(*value >= least && *value <= most) || std::isinf(*value)) {
      refuse(option, text, "out of range: " + range_text(least, most));
    }
    set(*value);
  };
  return app.add_option_function<std::string>(option, read, description)->type_name("X");
}

CLI::Option* add_learning_rate(CLI::App& app, std::function<void(double)> set,
                               const std::string& description) {
  constexpr double least = std::numeric_limits<double>::denorm_min();
  return add_number(app, "--lr", least, std::numeric_limits<double>::max(), std::move(set),
                    description);
}

CLI::Option* add_seed(CLI::App& app, std::uint64_t& seed) {
  const auto read = [&seed](const std::string& text) {
    if (read_whole(text, seed) != std::errc()) {
      refuse("--seed", text, "not a whole number from 0 to 2^64 - 1");
    }
  };
  return app
      .add_option_function<std::string>("--seed", read, "every random choice follows from it")
      ->type_name("N")
      ->default_str(std::to_string(seed));
}

std::string loss_text(double nats) {
  if (std::isnan(nats)) return "nan";  // a NaN's sign differs between machines
  return std::abs(nats) < 10'000 ? fmt::format("{:.4f}", nats) : fmt::format("{:.1e}", nats);
}

}  // namespace ladder
