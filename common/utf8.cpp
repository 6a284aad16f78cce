#include "common/utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <utf8proc.h>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace ladder {
namespace {

const utf8proc_property_t& properties(char32_t c) {
  return *utf8proc_get_property(static_cast<utf8proc_int32_t>(c));
}

int category(char32_t c) { return properties(c).category; }

bool is_control(char32_t c) { return category(c) == UTF8PROC_CATEGORY_CC; }

}  // namespace

std::optional<std::u32string> decode_utf8(std::string_view bytes) {
  std::u32string code_points;
  for (std::size_t i = 0; i < bytes.size();) {
    const auto lead = static_cast<unsigned char>(bytes[i++]);
    int following = 0;      // continuation bytes still to come
    char32_t smallest = 0;  // anything below it should have used a shorter form
    char32_t code_point = lead;
    if (lead >= 0x80) {
      if (lead >= 0xC2 && lead < 0xE0) {
        following = 1, smallest = 0x80, code_point = lead & 0x1F;
      } else if (lead >= 0xE0 && lead < 0xF0) {
        following = 2, smallest = 0x800, code_point = lead & 0x0F;
      } else if (lead >= 0xF0 && lead < 0xF5) {
        following = 3, smallest = 0x10000, code_point = lead & 0x07;
      } else {
        return std::nullopt;
      }
    }
    for (; following > 0; --following) {
      if (i == bytes.size()) return std::nullopt;
      const auto next = static_cast<unsigned char>(bytes[i++]);
      if ((next & 0xC0) != 0x80) return std::nullopt;
      code_point = code_point << 6 | (next & 0x3F);
    }
    const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    if (code_point < smallest || code_point > 0x10FFFF || surrogate) return std::nullopt;
    code_points.push_back(code_point);
  }
  return code_points;
}

std::string encode_utf8(std::u32string_view code_points) {
  std::string bytes;
  const auto put = [&bytes](char32_t byte) { bytes.push_back(static_cast<char>(byte)); };
  for (const char32_t c : code_points) {
    if (c < 0x80) {
      put(c);
    } else if (c < 0x800) {
      put(0xC0 | c >> 6), put(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
      put(0xE0 | c >> 12), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
    } else {
      put(0xF0 | c >> 18), put(0x80 | (c >> 12 & 0x3F));
      put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
    }
  }
  return bytes;
}

std::u32string to_nfc(std::u32string_view text) {
  constexpr char32_t first_accent = 0x300;  // anything below it is in normal form
  if (std::all_of(text.begin(), text.end(), [](char32_t c) { return c < first_accent; })) {
    return std::u32string(text);
  }
  // 1. Every letter is taken apart.
  std::vector<utf8proc_int32_t> parts;
  for (const char32_t c : text) {
    utf8proc_int32_t pieces[16];
    int unused = 0;
    const auto count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), pieces, 16,
                                               UTF8PROC_DECOMPOSE, &unused);
    parts.insert(parts.end(), pieces, pieces + count);
  }
  // 2. Accents on one letter get their canonical order. (utf8proc would sort them too, in time that
  // grows with the square of their number, and a file may hold a MiB of them.)
  const auto rank = [](utf8proc_int32_t c) { return utf8proc_get_property(c)->combining_class; };
  const auto is_accent = [&](utf8proc_int32_t c) { return rank(c) != 0; };
  for (auto end = parts.begin(); end != parts.end();) {
    const auto begin = std::find_if(end, parts.end(), is_accent);
    end = std::find_if_not(begin, parts.end(), is_accent);
    std::multimap<int, utf8proc_int32_t> ordered;  // equals stay in the order they come in
    for (auto accent = begin; accent != end; ++accent) ordered.emplace(rank(*accent), *accent);
    std::transform(ordered.begin(), ordered.end(), begin, [](auto pair) { return pair.second; });
  }
  // 3. What has a code point of its own is put together again.
  constexpr auto form_c = static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE);
  const auto length = utf8proc_normalize_utf32(parts.data(), std::ssize(parts), form_c);
  return {parts.begin(), parts.begin() + length};
}

char32_t to_lower(char32_t c) {
  return static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
}

bool is_space(char32_t c) {
  const int kind = category(c);
  return (c >= '\t' && c <= '\r') || c == 0x85 || kind == UTF8PROC_CATEGORY_ZS ||
         kind == UTF8PROC_CATEGORY_ZL || kind == UTF8PROC_CATEGORY_ZP;
}

bool is_invisible(char32_t c) {
  const utf8proc_property_t& property = properties(c);
  constexpr char32_t braille_without_dots = 0x2800;
  if (is_space(c) || property.ignorable || c == braille_without_dots) return true;
  // Of the format characters only those show that are drawn around the digits behind them.
  return property.category == UTF8PROC_CATEGORY_CF &&
         property.boundclass != UTF8PROC_BOUNDCLASS_PREPEND;
}

bool is_combining(char32_t c) {
  const int kind = category(c);
  return kind == UTF8PROC_CATEGORY_MN || kind == UTF8PROC_CATEGORY_MC ||
         kind == UTF8PROC_CATEGORY_ME;
}

int column_width(char32_t c) { return utf8proc_charwidth(static_cast<utf8proc_int32_t>(c)); }

std::string printable(std::string_view text) {
  const auto symbols = decode_utf8(text);
  std::u32string shown;
  const auto show = [&shown](char32_t c) { shown += is_control(c) ? U'\uFFFD' : c; };
  if (symbols) {
    for (const char32_t c : *symbols) show(c == 0x2028 || c == 0x2029 ? U'\n' : c);
  } else {
    for (const char byte : text) show((byte & 0x80) == 0 ? static_cast<char32_t>(byte) : U'\uFFFD');
  }
  return encode_utf8(shown);
}

std::string name_of_letter(char32_t c) {
  if (c != U' ' && (is_control(c) || is_invisible(c) || is_combining(c))) {
    return fmt::format("U+{:04X}", static_cast<unsigned>(c));
  }
  return fmt::format("'{}'", encode_utf8({&c, 1}));
}

}  // namespace ladder
