#include "common/terminal.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "common/utf8.hpp"

namespace ladder {
namespace {

using Indices = std::vector<std::size_t>;

// The `room` columns with the largest sums, in the order of the matrix; of a symbol that has a row
// too, the row counts as well.
Indices darkest_columns(const std::vector<double>& values, std::size_t columns, std::size_t room,
                        bool square) {
  std::vector<double> sums(columns);
  for (std::size_t i = 0; i < values.size(); ++i) {
    // A number that is none must be seen.
    const double heat = std::isfinite(values[i]) ? values[i] : HUGE_VAL;
    sums[i % columns] += heat;
    if (square) sums[i / columns] += heat;
  }
  Indices order(columns);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(-sums[a], a) < std::pair(-sums[b], b);
  });
  order.resize(std::min(room, columns));
  std::sort(order.begin(), order.end());
  return order;
}

}  // namespace

bool is_drawable(int file) {
  const char* terminal = std::getenv("TERM");
  return ::isatty(file) == 1 && terminal && std::string_view(terminal) != "dumb";
}

bool stdout_has_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  return is_drawable(STDOUT_FILENO) && !(no_colour && *no_colour);
}

int terminal_columns() {
  winsize size{};
  const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

std::string with_commas(std::size_t number) {
  std::string digits = fmt::format("{}", number);
  for (std::ptrdiff_t i = std::ssize(digits) - 3; i > 0; i -= 3) {
    digits.insert(static_cast<std::size_t>(i), ",");
  }
  return digits;
}

std::string heat_cell(double value, bool colour) {
  if (!std::isfinite(value)) return "??";
  const double heat = std::clamp(value, 0.0, 1.0);
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
                     const std::vector<std::string>& columns, bool colour, int width) {
  double largest = 1e-300;
  for (const double value : values) {
    if (std::isfinite(value)) largest = std::max(largest, value);  // others show as "??"
  }
  std::size_t label = 1;
  for (const std::string& row : rows) label = std::max(label, display_width(row));
  const auto room = static_cast<std::size_t>(std::max(width - static_cast<int>(label) - 2, 2)) / 2;
  const bool square = rows == columns;
  const Indices shown = darkest_columns(values, columns.size(), room, square);

  std::string text(label + 2, ' ');
  for (const std::size_t c : shown) text += pad_right(columns[c], 2);
  text += "\n";
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (square && !std::binary_search(shown.begin(), shown.end(), r)) continue;
    text += " " + pad_right(rows[r], label) + " ";
    for (const std::size_t c : shown) {
      text += heat_cell(values[r * columns.size() + c] / largest, colour);
    }
    text += "\n";
  }
  if (shown.size() < columns.size()) {
    text += fmt::format(" … and {} more symbols; these are the {} darkest\n",
                        columns.size() - shown.size(), shown.size());
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
  const auto symbols = decode_utf8(text);
  if (!symbols) return text.size();
  std::size_t width = 0;
  for (const char32_t c : *symbols) width += static_cast<std::size_t>(column_width(c));
  return width;
}

std::string pad_right(std::string_view text, std::size_t width) {
  const std::size_t taken = display_width(text);
  return std::string(text) + std::string(width - std::min(taken, width), ' ');
}

std::string pad_left(std::string_view text, std::size_t width) {
  const std::size_t taken = display_width(text);
  return std::string(width - std::min(taken, width), ' ') + std::string(text);
}

std::string shortened(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  const std::u32string symbols = *decode_utf8(printable(text));
  std::u32string cut;
  std::size_t taken = 1;  // of the "…"
  for (const char32_t c : symbols) {
    taken += static_cast<std::size_t>(column_width(c));
    if (taken > width) break;
    cut += c;
  }
  return encode_utf8(cut) + "…";
}

std::string shown_name(std::string_view name) {
  if (name.empty()) return "·";
  std::string shown = printable(name);
  const std::u32string symbols = *decode_utf8(shown);
  if (!std::all_of(symbols.begin(), symbols.end(), is_invisible)) return shown;
  return encode_utf8(std::u32string(symbols.size(), U'␣'));
}

}  // namespace ladder
