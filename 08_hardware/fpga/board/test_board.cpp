#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>
#include <verilated.h>
#include <verilated_cov.h>

#include <catch2/catch_test_macros.hpp>

#include "07_fast_inference/fixed_point/q4_12.hpp"
#include "08_hardware/fpga/board/serial_reader.hpp"
#include "Vulx3s_top.h"
#include "common/safetensors.hpp"
#include "common/sampling.hpp"
#include "common/shipped.hpp"
#include "common/test_support.hpp"

using namespace ladder;

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

/// What the model in fixed point writes with this state of xorshift32, a line each.
std::vector<std::string> names_from(std::uint32_t state, std::size_t count) {
  FixedPointEngine engine(
      to_fixed_model(fit_to_fixed_point(read_model(load_weights(shipped_weights_path())))));
  engine.start(42, 0.5f);  // for the temperature
  std::vector<std::string> names;
  std::string name;
  for (Place place; names.size() < count;) {
    next_uniform(state);  // moves it on
    const int token = engine.draw(engine.sums(place), state);
    if (token != bos_token) name += static_cast<char>('a' + token);
    place = next_place(place, token);
    if (place.position == 0) names.push_back(std::exchange(name, ""));
  }
  return names;
}

}  // namespace

TEST_CASE("the board writes the names of its seed on the serial line, bit by bit", "[hardware]") {
  Board board;
  const auto names = board.names(20);
  CHECK(names == names_from(first_random_state(42), 20));
  CHECK(board.reader().errors() == 0);
  CHECK(board.top().wifi_gpio0 == 1);
}

TEST_CASE("FIRE1 begins again with the same names, whenever it is pressed", "[hardware]") {
  Board board;
  const auto names = board.names(5);
  REQUIRE(names.size() == 5);
  for (const int late : {0, 37, 1001}) {
    CAPTURE(late);
    for (int i = 0; i < late; ++i) board.cycle();
    board.press(1);
    CHECK(board.names(5) == names);
  }
}

TEST_CASE("with SW1 the board writes four streams' names, each whole, each in order",
          "[hardware]") {
  Board board;
  board.top().sw = 1;
  board.press(1);  // the switches count from here
  const auto names = board.names(40);
  REQUIRE(names.size() == 40);
  std::vector<std::vector<std::string>> streams;
  for (int s = 0; s < 4; ++s) {
    streams.push_back(names_from(first_random_state(42, static_cast<std::uint64_t>(s)), 40));
  }
  std::array<std::size_t, 4> next{};
  for (const std::string& name : names) {
    CAPTURE(name);
    std::size_t s = 0;
    while (s < 4 && streams[s][next[s]] != name) ++s;
    REQUIRE(s < 4);
    ++next[s];
  }
  for (const std::size_t count : next) CHECK(count >= 5);
  CHECK(board.has_waited());  // four streams are faster than even this line
}

TEST_CASE("with SW2 every name is the most likely one", "[hardware]") {
  Board board;
  board.top().sw = 2;
  board.press(1);
  const auto names = board.names(3);
  REQUIRE(names.size() == 3);
  FixedPointEngine engine(
      to_fixed_model(fit_to_fixed_point(read_model(load_weights(shipped_weights_path())))));
  std::vector<std::uint8_t> tokens(64);
  engine.start(42, 0);
  engine.generate(tokens);
  std::string name;
  const auto likely = names_of(tokens);
  REQUIRE(!likely.empty());
  for (const int letter : likely[0]) name += static_cast<char>('a' + letter);
  for (const auto& written : names) CHECK(written == name);
}

TEST_CASE("FIRE2 begins again with other names, which depend on when", "[hardware]") {
  Board board;
  const auto first = board.names(5);
  board.press(2);
  const auto second = board.names(5);
  CHECK(second != first);
  CHECK(second.size() == 5);
  for (int i = 0; i < 13; ++i) board.cycle();
  board.press(2);
  CHECK(board.names(5) != second);
  board.press(1);  // that seed stays until FIRE2
  const auto again = board.names(5);
  board.press(1);
  CHECK(board.names(5) == again);
}

TEST_CASE("the LEDs show the last name's first letter, and that the clock runs", "[hardware]") {
  Board board;
  const auto names = board.names(3);
  REQUIRE(names.size() == 3);
  board.press(1);
  CHECK((board.top().led & 0x3f) <= 26);
  board.names(1);
  const int letter = board.top().led & 0x3f;  // of the first name, or of the one after it
  CHECK((letter == names[0][0] - 'a' + 1 || letter == names[1][0] - 'a' + 1));
}

TEST_CASE("at least 95 % of the circuit's lines do something while the board writes names",
          "[hardware]") {
  Board board;
  board.names(20);
  for (const int switches : {1, 2, 3}) {
    board.top().sw = static_cast<std::uint8_t>(switches);
    board.press(switches == 2 ? 2 : 1);
    board.names(20);
  }
  const TemporaryDirectory directory;
  Verilated::threadContextp()->coveragep()->write(directory.file("coverage.dat").c_str());
  // Lists each source with its counts, and says in one line how many were reached.
  const std::string command = std::string(VERILATOR_COVERAGE) + " --annotate-min 1 --annotate " +
                              directory.file("lines") + " " + directory.file("coverage.dat") +
                              " >" + directory.file("summary");
  REQUIRE(std::system(command.c_str()) == 0);
  const std::string summary = directory.read("summary");
  int reached = 0, all = 0;
  const std::size_t at = summary.find("Total coverage (");
  REQUIRE(at != std::string::npos);
  REQUIRE(std::sscanf(summary.c_str() + at, "Total coverage (%d/%d)", &reached, &all) == 2);
  WARN("line coverage of rtl/ and board/: " << reached << " of " << all);
  CHECK(all > 200);
  CHECK(100 * reached >= 95 * all);
}
