#pragma once
/// \file
/// JSON from a file of the reader's, which may hold anything.

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace ladder {

/// Arrays and objects within one another. What the ladder reads has four of them; a value with
/// 200,000 would overflow the stack of whoever copies or prints it.
inline constexpr std::size_t max_json_depth = 64;

/// The largest JSON the ladder reads; its values take some twenty times the memory of their text.
inline constexpr std::size_t max_json_bytes = std::size_t{16} << 20;

/// The value of a JSON text.
/// \param origin  the file's name, for messages
/// \throws Error, one line that names the origin, if the text is not JSON, nested deeper than
///   max_json_depth, longer than max_json_bytes, or if a key stands twice in one object (the
///   library would keep the last one without a word).
nlohmann::json parse_json(std::string_view text, const std::string& origin);

}  // namespace ladder
