#pragma once
/// \file
/// Tables and pictures made of characters.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ladder {

/// True if this file (STDOUT_FILENO, STDERR_FILENO) is a terminal that can be drawn on.
bool is_drawable(int file);

/// True if stdout is a terminal that shows colours (and the reader has not set NO_COLOR).
bool stdout_has_colour();

/// 32033 as "32,033".
std::string with_commas(std::size_t number);

/// A cell two characters wide whose darkness tells a value in [0, 1]: a background colour on a
/// terminal, otherwise one of " .:-=+*#%@".
std::string heat_cell(double value, bool colour);

/// A matrix as a heat map, with a symbol before each row and above each column. The largest value
/// is the darkest, zero or less is blank. \param values  row-major, (rows.size(), columns.size())
std::string heat_map(const std::vector<double>& values, const std::vector<std::string>& rows,
                     const std::vector<std::string>& columns, bool colour);

/// A falling (or rising) curve in one line, eight heights: ▁▂▃▄▅▆▇█, and ? for a number that is not
/// finite.
std::string sparkline(const std::vector<double>& values);

/// How many columns `text` takes on a terminal, each code point counted as one.
std::size_t display_width(std::string_view text);

}  // namespace ladder
