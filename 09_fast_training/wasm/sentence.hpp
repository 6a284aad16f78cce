#pragma once
/// \file
/// One sentence for the reader, put together without a formatting library: those are larger than
/// the whole trainer.

#include <cstddef>
#include <string_view>

namespace ladder {

/// A text of at most 255 bytes; what is too much is cut off.
class Sentence {
 public:
  /// Forgets what it said.
  Sentence& clear() { return size_ = 0, text_[0] = 0, *this; }
  /// Goes on with these words.
  Sentence& operator<<(std::string_view words) {
    for (const char letter : words) {
      if (size_ + 1 < sizeof text_) text_[size_++] = letter;
    }
    text_[size_] = 0;
    return *this;
  }
  /// Goes on with a number.
  Sentence& operator<<(std::size_t number) {
    char digits[20];
    std::size_t first = sizeof digits;
    do {
      digits[--first] = static_cast<char>('0' + number % 10);
    } while (number /= 10);
    return *this << std::string_view(digits + first, sizeof digits - first);
  }
  const char* text() const { return text_; }  ///< ends with a 0; empty if all is well

 private:
  char text_[256] = {};
  std::size_t size_ = 0;
};

}  // namespace ladder
