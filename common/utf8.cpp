#include "common/utf8.hpp"

#include <cstddef>

namespace ladder {
namespace {

struct Pair {
  char32_t capital, small;
};
struct Shifted {
  char32_t first, last, distance;  // to the small letter
};
struct Alternating {
  char32_t first, last;
};

// Capitals whose small letter stands somewhere else: İ Ÿ Ɓ Ɔ Ɖ Ɗ Ǝ Ə Ɛ Ƒ Ɣ Ɩ Ɨ Ɲ Ʋ Ʒ ẞ Ά Ό Ύ Ώ Ӏ.
constexpr Pair single_capitals[] = {
    {0x130, U'i'},  {0x178, 0xFF},  {0x181, 0x253}, {0x186, 0x254}, {0x189, 0x256}, {0x18A, 0x257},
    {0x18E, 0x1DD}, {0x18F, 0x259}, {0x190, 0x25B}, {0x191, 0x192}, {0x194, 0x263}, {0x196, 0x269},
    {0x197, 0x268}, {0x19D, 0x272}, {0x1B2, 0x28B}, {0x1B7, 0x292}, {0x1E9E, 0xDF}, {0x386, 0x3AC},
    {0x38C, 0x3CC}, {0x38E, 0x3CD}, {0x38F, 0x3CE}, {0x4C0, 0x4CF},
};

constexpr Shifted shifted_alphabets[] = {
    {0xC0, 0xD6, 32},   {0xD8, 0xDE, 32},    // À–Ö, Ø–Þ (× is no letter)
    {0x388, 0x38A, 37},                      // Έ–Ί
    {0x391, 0x3A1, 32}, {0x3A3, 0x3AB, 32},  // Α–Ρ, Σ–Ϋ
    {0x400, 0x40F, 80}, {0x410, 0x42F, 32},  // Ѐ–Џ, А–Я
    {0x531, 0x556, 48},                      // Armenian
};

constexpr Alternating alternating_alphabets[] = {
    {0x100, 0x12F},   {0x132, 0x137},   {0x139, 0x148}, {0x14A, 0x177},  // Ā–ŷ
    {0x179, 0x17E},   {0x187, 0x188},   {0x198, 0x199}, {0x1A0, 0x1A5},  // Ź–ž, Ƈ, Ƙ, Ơ–ƥ
    {0x1AF, 0x1B0},   {0x1B3, 0x1B6},   {0x1CD, 0x1DC}, {0x1DE, 0x1EF},  // Ư, Ƴ–ƶ, Ǎ–ǯ
    {0x1F8, 0x21F},   {0x222, 0x233},  // Ǹ–ȟ (Ș, Ț), Ȣ–ȳ
    {0x460, 0x481},   {0x48A, 0x4BF},   {0x4C1, 0x4CE}, {0x4D0, 0x52F},  // Cyrillic beyond Russian
    {0x1E00, 0x1E95}, {0x1EA0, 0x1EFF},                                  // Vietnamese and others
};

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

char32_t to_lower(char32_t c) {
  const auto within = [c](char32_t first, char32_t last) { return c >= first && c <= last; };
  if (c < 0x80) return within(U'A', U'Z') ? c + 32 : c;
  for (const auto& [capital, small] : single_capitals) {
    if (c == capital) return small;
  }
  for (const auto& [first, last, distance] : shifted_alphabets) {
    if (within(first, last)) return c + distance;
  }
  for (const auto& [first, last] : alternating_alphabets) {
    // The capital comes first in each pair, and `first` is one.
    if (within(first, last)) return (c - first) % 2 == 0 ? c + 1 : c;
  }
  return c;
}

bool is_space(char32_t c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200B) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000 || c == 0xFEFF;
}

}  // namespace ladder
