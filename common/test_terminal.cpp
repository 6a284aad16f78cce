#include <cmath>
#include <fcntl.h>
#include <limits>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "common/progress.hpp"
#include "common/terminal.hpp"
#include "common/test_support.hpp"

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
  for (const double value : {-1.0, -infinity, not_a_number, infinity})
    CHECK(heat_cell(value, false) == "  ");
  CHECK(heat_cell(7, false) == "@@");
  CHECK(heat_cell(0, true) == "\x1b[48;2;12;10;35m  \x1b[0m");
  CHECK(heat_cell(1, true) == "\x1b[48;2;252;250;190m  \x1b[0m");
  CHECK(heat_cell(not_a_number, true) == heat_cell(0, true));
}

TEST_CASE("a heat map has its symbols above and beside it, the largest value darkest") {
  CHECK(heat_map({0, 1, 2, 4}, {"a", "·"}, {"x", "y"}, false) == "   x y \n a   ::\n · ++@@\n");
  CHECK(heat_map({0, 0}, {"a"}, {"x", "y"}, false) == "   x y \n a     \n");
  CHECK(heat_map({}, {}, {}, false) == "   \n");
  CHECK(heat_map({not_a_number, 1, 2}, {"a"}, {"x", "y", "z"}, false) == "   x y z \n a   ++@@\n");
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

TEST_CASE("width on a terminal is counted in letters") {
  CHECK(display_width("") == 0);
  CHECK(display_width("emma") == 4);
  CHECK(display_width("żółć·") == 5);
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
