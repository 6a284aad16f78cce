#pragma once
/// \file
/// UTF-8, and what Unicode says of a letter (utf8proc knows), as far as names need it. Nothing here
/// depends on the machine's locale.

#include <optional>
#include <string>
#include <string_view>

namespace ladder {

/// Code points of a UTF-8 string; nothing if it is not valid UTF-8 (overlong forms, surrogates and
/// code points past U+10FFFF included).
std::optional<std::u32string> decode_utf8(std::string_view bytes);

/// UTF-8 bytes of code points.
std::string encode_utf8(std::u32string_view code_points);

/// Normal form C: a letter and the accents behind it become one code point where there is one, so
/// that text which looks the same is the same.
std::u32string to_nfc(std::u32string_view text);

/// The lower-case letter of a capital; anything else as it is.
char32_t to_lower(char32_t code_point);

/// Spaces of every width, tabs and line ends.
bool is_space(char32_t code_point);

/// Whatever shows as nothing at the edge of a line: spaces, and marks such as the byte order mark,
/// the signs for the direction of writing, soft hyphens and variation selectors.
bool is_invisible(char32_t code_point);

/// An accent or vowel sign that is drawn onto the letter before it.
bool is_combining(char32_t code_point);

/// How many columns a code point takes on a terminal: 0 (an accent), 1 or 2 (Japanese).
int column_width(char32_t code_point);

/// `text` fit for one line of a message or table: a control character, a line end and a byte that
/// is not UTF-8 become "�".
std::string printable(std::string_view text);

/// A letter for a message: 'é', or U+200E for one that does not show by itself.
std::string name_of_letter(char32_t code_point);

}  // namespace ladder
