#pragma once
/// \file
/// What whoever builds the chip takes from here: the contents of its memories, and what every step
/// of every token has to come out as.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "07_fast_inference/fixed_point/q4_12.hpp"
#include "common/tokenizer.hpp"

namespace ladder {

/// A memory of a chip, row by row.
struct Memory {
  std::string name;  ///< of the file, without .hex; that of the weights file, where it has one
  int width;         ///< bits of a word
  bool is_signed;    ///< two's complement
  int rows,          ///< outputs, of a matrix
      columns;       ///< inputs
  std::vector<std::int32_t> words;  ///< (rows, columns), row-major

  /// Equal in name, shape and words.
  bool operator==(const Memory&) const = default;
};

/// All matrices of a model, and the three tables of fixed_point.hpp.
std::vector<Memory> memories_of(const FixedModel& model);

/// For Verilog's $readmemh: a word a line in hexadecimal, the first one is address 0.
std::string to_hex(const Memory& memory);

/// Reads to_hex() back. \param like  the memory it should be: its words do not matter
/// \throws Error naming `origin` and the line, if it is another size or no such number
Memory parse_hex(std::string_view text, const Memory& like, const std::string& origin);

/// What is not in the memories, as JSON text: each file's width and depth, the shifts and
/// exponents, norm's ε, and whether 32 bits are enough for every sum.
std::string manifest_of(const FixedModel& model);

/// Every step of every token of these names, as text:
///
///     # microGPT Ladder: every step in fixed point, as 07_fast_inference/fixed_point/q4_12.hpp
///     token 26 position 0
///     embedding 1234 -5 …
///     x1 …
///
/// The steps have the names that q4_12.hpp gives them, s, p and w once for each head.
std::string trace_of(FixedPointEngine& engine, std::span<const Tokens> names);

/// Reads trace_of() back: calls `step` with each line of numbers.
/// \throws Error naming the line that is none
void read_trace(std::string_view text,
                const std::function<void(Place place, std::string_view step,
                                         std::span<const std::int64_t> numbers)>& step);

}  // namespace ladder
