#include "common/utf8.hpp"

#include <cstddef>

namespace ladder {

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

char32_t to_lower(char32_t c) {
  const auto within = [c](char32_t first, char32_t last) { return c >= first && c <= last; };
  if (within(U'A', U'Z')) return c + 32;
  if (within(0xC0, 0xDE) && c != 0xD7) return c + 32;  // À–Þ, without ×
  if (c == 0x130) return U'i';                         // İ
  if (c == 0x178) return 0xFF;                         // Ÿ
  if (within(0x139, 0x148) || within(0x179, 0x17E)) return c % 2 == 1 ? c + 1 : c;  // Ĺ–Ň, Ź–Ž
  if (within(0x100, 0x137) || within(0x14A, 0x177)) return c | 1;  // Ā–Ķ, Ŋ–Ŷ
  if (within(0x391, 0x3A9)) return c + 32;                         // Α–Ω
  if (within(0x410, 0x42F)) return c + 32;                         // А–Я
  if (within(0x400, 0x40F)) return c + 80;                         // Ѐ–Џ
  return c;
}

}  // namespace ladder
