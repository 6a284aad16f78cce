#pragma once
/// \file
/// UTF-8, as far as names need it.

#include <optional>
#include <string>
#include <string_view>

namespace ladder {

/// Code points of a UTF-8 string; nothing if it is not valid UTF-8 (overlong forms, surrogates and
/// code points past U+10FFFF included).
std::optional<std::u32string> decode_utf8(std::string_view bytes);

/// UTF-8 bytes of code points.
std::string encode_utf8(std::u32string_view code_points);

/// The lower-case letter of a capital (Latin with its accents, Greek, Cyrillic, Armenian); anything
/// else as it is. It does not depend on the machine's locale.
char32_t to_lower(char32_t code_point);

/// True for whatever shows as nothing at the edge of a line: spaces of every width, tabs, line ends
/// and the byte order mark.
bool is_space(char32_t code_point);

}  // namespace ladder
