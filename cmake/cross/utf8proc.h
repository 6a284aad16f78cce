/* The part of utf8proc that common/utf8.cpp uses, for programs that are built for another processor: its
   library exists there only where somebody has set up that processor's packages. This one knows Latin
   letters (ASCII) and takes all other symbols for letters of one column, already in normal form. It is
   enough for programs whose alphabet is a to z, which is all that is built so; a name in another alphabet
   is refused by them as it is anywhere. */
#ifndef LADDER_CROSS_UTF8PROC_H
#define LADDER_CROSS_UTF8PROC_H

#include <cstdint>

typedef std::int32_t utf8proc_int32_t;
typedef std::ptrdiff_t utf8proc_ssize_t;

enum utf8proc_category_t {
  UTF8PROC_CATEGORY_CN,
  UTF8PROC_CATEGORY_MN,
  UTF8PROC_CATEGORY_MC,
  UTF8PROC_CATEGORY_ME,
  UTF8PROC_CATEGORY_ZS,
  UTF8PROC_CATEGORY_ZL,
  UTF8PROC_CATEGORY_ZP,
  UTF8PROC_CATEGORY_CC,
  UTF8PROC_CATEGORY_CF
};
enum utf8proc_boundclass_t { UTF8PROC_BOUNDCLASS_START, UTF8PROC_BOUNDCLASS_PREPEND };
enum utf8proc_option_t { UTF8PROC_STABLE = 2, UTF8PROC_COMPOSE = 8, UTF8PROC_DECOMPOSE = 16 };

struct utf8proc_property_t {
  int category, combining_class, boundclass;
  bool ignorable;
};

inline const utf8proc_property_t* utf8proc_get_property(utf8proc_int32_t c) {
  static const utf8proc_property_t letter = {UTF8PROC_CATEGORY_CN, 0, UTF8PROC_BOUNDCLASS_START, false};
  static const utf8proc_property_t space = {UTF8PROC_CATEGORY_ZS, 0, UTF8PROC_BOUNDCLASS_START, false};
  static const utf8proc_property_t control = {UTF8PROC_CATEGORY_CC, 0, UTF8PROC_BOUNDCLASS_START, false};
  static const utf8proc_property_t line = {UTF8PROC_CATEGORY_ZL, 0, UTF8PROC_BOUNDCLASS_START, false};
  if (c < 32 || (c >= 127 && c < 160)) return &control;
  if (c == 0x2028 || c == 0x2029) return &line;
  return c == ' ' || c == 0xA0 ? &space : &letter;
}

inline utf8proc_int32_t utf8proc_tolower(utf8proc_int32_t c) {
  return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

inline int utf8proc_charwidth(utf8proc_int32_t c) {
  return utf8proc_get_property(c)->category == UTF8PROC_CATEGORY_CC ? 0 : 1;
}

inline utf8proc_ssize_t utf8proc_decompose_char(utf8proc_int32_t c, utf8proc_int32_t* to,
                                                utf8proc_ssize_t, utf8proc_option_t, int*) {
  *to = c;
  return 1;
}

inline utf8proc_ssize_t utf8proc_normalize_utf32(utf8proc_int32_t*, utf8proc_ssize_t length,
                                                 utf8proc_option_t) {
  return length;
}

#endif
