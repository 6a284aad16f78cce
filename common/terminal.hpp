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

/// How many columns the terminal of stdout has; 80 if stdout is none.
int terminal_columns();

/// 32033 as "32,033".
std::string with_commas(std::size_t number);

/// A cell two columns wide whose darkness tells a value in [0, 1]: a background colour on a
/// terminal, otherwise one of " .:-=+*#%@"; "??" for a number that is not finite.
std::string heat_cell(double value, bool colour);

/// A matrix as a heat map, with a symbol of at most two columns before each row and above each
/// column. The largest finite value is the darkest, zero or less is blank. Of columns that do not
/// fit into `width` the darkest are shown (and, if rows and columns have the same symbols, their
/// rows), and a last line says so.
/// \param values  row-major, (rows.size(), columns.size())
std::string heat_map(const std::vector<double>& values, const std::vector<std::string>& rows,
                     const std::vector<std::string>& columns, bool colour,
                     int width = terminal_columns());

/// A falling (or rising) curve in one line, eight heights: ▁▂▃▄▅▆▇█, and ? for a number that is not
/// finite.
std::string sparkline(const std::vector<double>& values);

/// How many columns `text` takes on a terminal: none for an accent of its own, two for a Japanese
/// letter.
std::size_t display_width(std::string_view text);

/// `text` with spaces behind it (pad_right) or before it (pad_left), until it is `width` columns
/// wide. Wider text stays as it is.
std::string pad_right(std::string_view text, std::size_t width);
/// `text` with spaces before it, likewise: for numbers.
std::string pad_left(std::string_view text, std::size_t width);

/// `text`, if it is more than `width` columns wide cut to fit, with "…" at its end.
std::string shortened(std::string_view text, std::size_t width);

/// A name as it can be shown: "·" for an empty one, "␣" for each space of one that has nothing but
/// spaces, "�" for a control character.
std::string shown_name(std::string_view name);

}  // namespace ladder
