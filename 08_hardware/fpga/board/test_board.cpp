#include "Vulx3s_top.h"

#include <catch2/catch_test_macros.hpp>
#include <memory>
#include <string>
#include <vector>

#include "07_fast_inference/fixed_point/q4_12.hpp"
#include "08_hardware/fpga/board/serial_reader.hpp"
#include "common/sampling.hpp"
#include "common/weights.hpp"

namespace {

// As CMakeLists.txt sets them: a fast line, impatient buttons.
constexpr int divisor = 8, log2_rest = 3;

/// The board with the chip in it, and somebody who listens to its serial line.
class Board {
 public:
  Board() : top_(std::make_unique<Vulx3s_top>()), reader_(divisor) {
    top_->btn = 1;  // BTN_PWRn rests at 1
  }
  ~Board() { top_->final(); }

  void cycle() {
    top_->clk_25mhz = 0;
    top_->eval();
    top_->clk_25mhz = 1;
    top_->eval();
    reader_.cycle(top_->ftdi_rxd);
    waited_ = waited_ || (top_->led & 0x40) != 0;
    ++cycles_;
  }

  /// Runs until that many names are on the line, or so many cycles are over that something hangs.
  std::vector<std::string> names(std::size_t count) {
    const std::size_t from = reader_.text().size();
    const long limit = cycles_ + static_cast<long>(count) * 17 * (200 + 10 * divisor);
    std::vector<std::string> names;
    std::size_t begin = from;
    while (names.size() < count && cycles_ < limit) {
      cycle();
      const std::size_t end = reader_.text().find('\n', begin);
      if (end == std::string::npos) continue;
      names.push_back(reader_.text().substr(begin, end - begin));
      begin = end + 1;
    }
    return names;
  }

  /// Presses a button for a while, forgets what was on the line.
  void press(int button) {
    top_->btn = 1 | 1 << button;
    for (int i = 0; i < 64; ++i) cycle();
    top_->btn = 1;
    for (int i = 0; i < 8; ++i) cycle();
    reader_ = SerialReader(divisor);
  }

  Vulx3s_top& top() { return *top_; }
  const SerialReader& reader() const { return reader_; }
  bool has_waited() const { return waited_; }

 private:
  std::unique_ptr<Vulx3s_top> top_;
  SerialReader reader_;
  long cycles_ = 0;
  bool waited_ = false;
};

}  // namespace
