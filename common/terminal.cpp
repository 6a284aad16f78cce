#include "common/terminal.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <unistd.h>

#include <fmt/format.h>

namespace ladder {

bool is_drawable(int file) {
  const char* terminal = std::getenv("TERM");
  return ::isatty(file) == 1 && terminal && std::string_view(terminal) != "dumb";
}

bool stdout_has_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  return is_drawable(STDOUT_FILENO) && !(no_colour && *no_colour);
}

std::string with_commas(std::size_t number) {
  std::string digits = fmt::format("{}", number);
  for (std::ptrdiff_t i = std::ssize(digits) - 3; i > 0; i -= 3) {
    digits.insert(static_cast<std::size_t>(i), ",");
  }
  return digits;
}

std::string heat_cell(double value, bool colour) {
  const double heat = std::isfinite(value) ? std::clamp(value, 0.0, 1.0) : 0.0;
  if (!colour) {
    constexpr std::string_view ramp = " .:-=+*#%@";
    const char mark = ramp[static_cast<std::size_t>(std::lround(heat * 9))];
    return std::string(2, mark);
  }
  // From black through violet and orange to a light yellow: brightness grows evenly.
  const auto channel = [heat](double a, double b, double c, double d) {
    const double at = heat * 3, left[] = {a, b, c, d};
    const int i = std::min(static_cast<int>(at), 2);
    return static_cast<int>(left[i] + (left[i + 1] - left[i]) * (at - i));
  };
  return fmt::format("\x1b[48;2;{};{};{}m  \x1b[0m", channel(12, 104, 237, 252),
                     channel(10, 32, 105, 250), channel(35, 120, 60, 190));
}

std::string heat_map(const std::vector<double>& values, const std::vector<std::string>& rows,
                     const std::vector<std::string>& columns, bool colour) {
  double largest = 1e-300;
  for (const double value : values) largest = std::max(largest, value);  // a NaN is never larger
  std::string text = "   ";
  for (const std::string& column : columns) text += fmt::format("{:<2}", column);
  text += "\n";
  for (std::size_t r = 0; r < rows.size(); ++r) {
    text += fmt::format(" {} ", rows[r]);
    for (std::size_t c = 0; c < columns.size(); ++c) {
      text += heat_cell(values[r * columns.size() + c] / largest, colour);
    }
    text += "\n";
  }
  return text;
}

std::string sparkline(const std::vector<double>& values) {
  static constexpr const char* heights[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const double value : values) {
    if (std::isfinite(value)) low = std::min(low, value), high = std::max(high, value);
  }
  std::string text;
  for (const double value : values) {
    const double share = high > low ? (value / 2 - low / 2) / (high / 2 - low / 2) : 0;
    text += std::isfinite(value) ? heights[std::lround(share * 7)] : "?";
  }
  return text;
}

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

}  // namespace ladder
