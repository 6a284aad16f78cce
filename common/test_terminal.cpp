#include <algorithm>
#include <cmath>
#include <fcntl.h>
#include <limits>
#include <sstream>
#include <sys/ioctl.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "common/progress.hpp"
#include "common/terminal.hpp"
#include "common/test_support.hpp"
#include "common/utf8.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
const double not_a_number = std::nan("");

// A terminal in place of stderr, and what was drawn on it.
class PseudoTerminal {
 public:
  PseudoTerminal() : master_(::posix_openpt(O_RDWR | O_NOCTTY)) {
    if (master_ < 0 || ::grantpt(master_) != 0 || ::unlockpt(master_) != 0) {
      SKIP("needs a pseudo-terminal (/dev/pts)");
    }
    const int slave = ::open(::ptsname(master_), O_RDWR | O_NOCTTY);
    before_ = ::dup(STDERR_FILENO);
    ::dup2(slave, STDERR_FILENO);
    ::close(slave);
  }
  ~PseudoTerminal() {
    if (before_ >= 0) leave();
    ::close(master_);
  }
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  std::string drawn() {
    std::fputs("<end>", stderr);  // so that there is something to read
    leave();
    std::string text;
    char chunk[4096];
    while (!text.ends_with("<end>")) {
      const auto count = ::read(master_, chunk, sizeof chunk);
      if (count <= 0) break;
      text.append(chunk, static_cast<std::size_t>(count));
    }
    return text.substr(0, text.find("<end>"));
  }

 private:
  void leave() {
    std::fflush(stderr);
    ::dup2(before_, STDERR_FILENO);
    ::close(before_);
    before_ = -1;
  }

  int master_;
  int before_ = -1;
};

}  // namespace

TEST_CASE("thousands are set apart") {
  CHECK(with_commas(0) == "0");
  CHECK(with_commas(999) == "999");
  CHECK(with_commas(1000) == "1,000");
  CHECK(with_commas(32033) == "32,033");
  CHECK(with_commas(100000) == "100,000");
  CHECK(with_commas(1234567) == "1,234,567");
  CHECK(with_commas(18446744073709551615u) == "18,446,744,073,709,551,615");
}

TEST_CASE("a cell is the darker the larger its value") {
  CHECK(heat_cell(0, false) == "  ");
  CHECK(heat_cell(1, false) == "@@");
  CHECK(heat_cell(0.5, false) == "++");
  CHECK(heat_cell(-1, false) == "  ");
  for (const double value : {-infinity, not_a_number, infinity}) {
    CHECK(heat_cell(value, false) == "??");  // hidden by no shade
    CHECK(heat_cell(value, true) == "??");
  }
  CHECK(heat_cell(7, false) == "@@");
  CHECK(heat_cell(0, true) == "\x1b[48;2;12;10;35m  \x1b[0m");
  CHECK(heat_cell(1, true) == "\x1b[48;2;252;250;190m  \x1b[0m");
}

TEST_CASE("a heat map has its symbols above and beside it, the largest value darkest") {
  CHECK(heat_map({0, 1, 2, 4}, {"a", "·"}, {"x", "y"}, false) == "   x y \n a   ::\n · ++@@\n");
  CHECK(heat_map({0, 0}, {"a"}, {"x", "y"}, false) == "   x y \n a     \n");
  CHECK(heat_map({}, {}, {}, false) == "   \n");
  CHECK(heat_map({not_a_number, 1, 2, infinity}, {"a"}, {"w", "x", "y", "z"}, false) ==
        "   w x y z \n a ??++@@??\n");
}

TEST_CASE("a heat map of wide letters and of accents has its cells under its letters") {
  CHECK(heat_map({1, 0, 0, 0, 1, 0, 0, 0, 1}, {"さ", "a", "·"}, {"さ", "a", "·"}, false) ==
        "    さa · \n さ @@    \n a    @@  \n ·      @@\n");
  CHECK(heat_map({1, 1}, {"◌\u0301"}, {"◌\u0301", "b"}, false) == "   ◌\u0301 b \n ◌\u0301 @@@@\n");
}

TEST_CASE("of a heat map that is too wide the darkest columns are shown, and it says so") {
  const std::vector<std::string> abc = {"a", "b", "c", "d"};
  const std::vector<double> values = {9, 0, 0, 1,  //
                                      0, 0, 0, 1,  //
                                      0, 0, 0, 9,  //
                                      0, 0, 1, 1};
  const char* rest = " … and 2 more symbols; these are the 2 darkest\n";
  for (const int width : {7, 8}) {
    CHECK(heat_map(values, abc, abc, false, width) ==
          std::string("   a d \n a @@..\n d   ..\n") + rest);
  }
  // Rows of something else are all shown.
  CHECK(heat_map(values, {"1", "2", "3", "4"}, abc, false, 7) ==
        std::string("   a d \n 1 @@..\n 2   ..\n 3   @@\n 4   ..\n") + rest);
  CHECK_THAT(heat_map(values, abc, abc, false, 0), ContainsSubstring("and 3 more symbols"));
  std::vector<double> damaged = values;
  damaged[1] = not_a_number;
  CHECK_THAT(heat_map(damaged, abc, abc, false, 7), ContainsSubstring("??"));
}

TEST_CASE("no line of a heat map of 255 symbols is wider than the terminal") {
  std::vector<std::string> symbols;
  for (char32_t c = 0x3041; symbols.size() < 255; ++c) symbols.push_back(encode_utf8({&c, 1}));
  const std::vector<double> values(255 * 255, 1.0);
  for (const int width : {80, 81, 200}) {
    std::istringstream lines(heat_map(values, symbols, symbols, false, width));
    std::string line;
    std::size_t widest = 0;
    while (std::getline(lines, line)) widest = std::max(widest, display_width(line));
    CHECK(widest <= static_cast<std::size_t>(width));
    CHECK(widest + 2 > static_cast<std::size_t>(width));
  }
}

TEST_CASE("a curve in eight heights, a number that is none as a question mark") {
  CHECK(sparkline({}) == "");
  CHECK(sparkline({5}) == "▁");
  CHECK(sparkline({3, 3, 3}) == "▁▁▁");
  CHECK(sparkline({0, 1, 2, 3, 4, 5, 6, 7}) == "▁▂▃▄▅▆▇█");
  CHECK(sparkline({2.5, -1}) == "█▁");
  CHECK(sparkline({not_a_number, 7, 0, infinity, 3.5}) == "?█▁?▅");
  CHECK(sparkline({not_a_number, not_a_number}) == "??");
  const double huge = std::numeric_limits<double>::max();
  CHECK(sparkline({-huge, huge}) == "▁█");  // their distance is more than a double holds
}

TEST_CASE("width on a terminal is counted in columns") {
  CHECK(display_width("") == 0);
  CHECK(display_width("emma") == 4);
  CHECK(display_width("żółć·") == 5);
  CHECK(display_width("zoe\u0308") == 3);
  CHECK(display_width("さくら") == 6);
  CHECK(display_width("em\u200Ema") == 4);
}

TEST_CASE("text is padded and cut by its columns") {
  CHECK(pad_right("ab", 4) == "ab  ");
  CHECK(pad_left("ab", 4) == "  ab");
  CHECK(pad_right("さ", 4) == "さ  ");
  CHECK(pad_left("e\u0301", 3) == "  e\u0301");
  CHECK(pad_right("abc", 2) == "abc");
  CHECK(shortened("abcd", 4) == "abcd");
  CHECK(shortened("abcde", 4) == "abc…");
  CHECK(shortened("さくら", 6) == "さくら");
  CHECK(shortened("さくら", 5) == "さく…");
  CHECK(shortened("さくら", 4) == "さ…");
  CHECK(shortened("\xFF\xFF\xFF", 2) == "�…");
}

TEST_CASE("a name that shows as nothing is shown") {
  CHECK(shown_name("emma") == "emma");
  CHECK(shown_name("") == "·");
  CHECK(shown_name("  ") == "␣␣");
  CHECK(shown_name("mary ann") == "mary ann");
  CHECK(shown_name("a\nb") == "a�b");
}

TEST_CASE("a terminal says how wide it is, and what is none is 80 columns wide") {
  std::fflush(stdout);
  const int before = ::dup(STDOUT_FILENO);
  const auto columns_of = [&](int file) {
    ::dup2(file, STDOUT_FILENO);
    const int columns = terminal_columns();
    ::dup2(before, STDOUT_FILENO);
    return columns;
  };
  const int file = ::open("/dev/null", O_WRONLY);
  CHECK(columns_of(file) == 80);
  ::close(file);
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY);
  if (master >= 0) {
    const winsize size{.ws_row = 24, .ws_col = 123, .ws_xpixel = 0, .ws_ypixel = 0};
    ::ioctl(master, TIOCSWINSZ, &size);
    CHECK(columns_of(master) == 123);
    const winsize unknown{};
    ::ioctl(master, TIOCSWINSZ, &unknown);
    CHECK(columns_of(master) == 80);
    ::close(master);
  }
  ::close(before);
  if (master < 0) SKIP("needs a pseudo-terminal");
}

TEST_CASE("a file is no terminal, and a terminal that says it is dumb is not drawn on") {
  const EnvironmentVariable no_colour("NO_COLOR", nullptr);
  const int file = ::open("/dev/null", O_WRONLY);
  CHECK_FALSE(is_drawable(file));
  ::close(file);
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY);
  if (master < 0) SKIP("needs a pseudo-terminal");
  for (const auto& [name, drawable] : {std::pair{"xterm", true}, {"dumb", false}}) {
    const EnvironmentVariable terminal("TERM", name);
    CHECK(is_drawable(master) == drawable);
  }
  ::close(master);
}

TEST_CASE("a progress bar shows the share, the loss, and wipes itself out") {
  const EnvironmentVariable terminal("TERM", "xterm");
  PseudoTerminal screen;
  {
    Progress progress("training", 200, false);
    progress.update(100, 2.34567);
    progress.update(101, 9.0);  // within a tenth of a second: not drawn
  }
  const std::string text = screen.drawn();
  CHECK_THAT(text, ContainsSubstring("training") && ContainsSubstring(" 50%"));
  CHECK_THAT(text, ContainsSubstring("███████████████░░░░░░░░░░░░░░░ "));
  CHECK_THAT(text, ContainsSubstring("loss 2.3457") && !ContainsSubstring("9.0"));
  CHECK(text.ends_with("\r\x1b[K"));
}

TEST_CASE("a progress bar of nothing, or past its end, stays within its frame") {
  const EnvironmentVariable terminal("TERM", "xterm");
  PseudoTerminal screen;
  { Progress("none", 0, false).update(0, not_a_number); }
  { Progress("past", 10, false).update(20, 1); }
  const std::string text = screen.drawn();
  CHECK_THAT(text,
             ContainsSubstring("none") && ContainsSubstring("  0%") && ContainsSubstring("nan"));
  CHECK_THAT(text, ContainsSubstring("past") && ContainsSubstring("100%"));
}

TEST_CASE("no progress bar if it is not wanted, or the terminal cannot draw it") {
  for (const auto& [name, quiet] : {std::pair{"xterm", true}, {"dumb", false}}) {
    const EnvironmentVariable terminal("TERM", name);
    PseudoTerminal screen;
    { Progress("training", 10, quiet).update(5, 1.0); }
    CHECK(screen.drawn().empty());
  }
}
