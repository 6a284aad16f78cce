#include "common/progress.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "common/numbers.hpp"
#include "common/terminal.hpp"

namespace ladder {
namespace {

std::string clock_text(double seconds) {
  const long whole = std::lround(seconds);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace

Progress::Progress(std::string label, long total, bool quiet)
    : label_(std::move(label)),
      total_(std::max(total, 1L)),
      visible_(!quiet && is_drawable(STDERR_FILENO)) {}

Progress::~Progress() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
}

void Progress::update(long done, double loss) {
  if (!visible_) return;
  const double now = watch_.seconds();
  if (now - last_draw_ < 0.1) return;
  last_draw_ = now;
  draw(done, loss);
}

void Progress::draw(long done, double loss) {
  constexpr int width = 30;
  const double share =
      std::clamp(static_cast<double>(done) / static_cast<double>(total_), 0.0, 1.0);
  const int filled = static_cast<int>(share * width);
  std::string bar;
  for (int i = 0; i < width; ++i) bar += i < filled ? "█" : "░";
  const double spent = watch_.seconds();
  const std::string left =
      share > 0 && spent > 0.5 ? clock_text(spent / share * (1 - share)) : "-:--";
  // Not fmt::print: training goes on if the terminal goes away, and fmt::print would throw.
  const std::string line = fmt::format("\r\x1b[K{} {} {:3.0f}%  {} left  loss {}", label_, bar,
                                       share * 100, left, loss_text(loss));
  std::fputs(line.c_str(), stderr);
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace ladder
