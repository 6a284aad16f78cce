#pragma once
/// \file
/// The other end of a serial line, for tests of the board: bits to bytes.

#include <string>

/// Reads 8N1: a start bit (0), eight bits of data, the lowest first, a stop bit (1).
class SerialReader {
 public:
  /// \param divisor  cycles a bit
  explicit SerialReader(int divisor) : divisor_(divisor) {}

  /// Takes the line's level in this cycle. A byte whose stop bit is 0 counts as an error.
  void cycle(bool line) {
    if (at_ < 0) {
      if (!line)
        at_ = 0;
      else
        return;
    }
    // In the middle of each bit: 0 is the start bit, 9 the stop bit.
    if (at_ % divisor_ == divisor_ / 2) {
      const int bit = at_ / divisor_;
      if (bit == 0 && line) ++errors_;
      if (bit >= 1 && bit <= 8) byte_ = (byte_ >> 1) | (line ? 0x80 : 0);
      if (bit == 9) {
        if (!line) ++errors_;
        text_ += static_cast<char>(byte_);
        at_ = -1;
        return;
      }
    }
    ++at_;
  }

  /// Everything read so far.
  const std::string& text() const { return text_; }

  /// Start or stop bits that were none.
  int errors() const { return errors_; }

 private:
  int divisor_, at_ = -1, byte_ = 0, errors_ = 0;  // at_: cycles into the byte, -1 between two
  std::string text_;
};
