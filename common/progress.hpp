#pragma once
/// \file
/// A bar with the time left, for whatever takes longer than two seconds.

#include <string>

#include "common/timing.hpp"

namespace ladder {

/// Draws on stderr, and only if that is a terminal; wipes itself out when it ends.
class Progress {
 public:
  /// `quiet` draws nothing at all.
  Progress(std::string label, long total, bool quiet);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` of the total are done; the loss stands behind the bar. Cheap to call often: the bar is
  /// redrawn ten times a second at most.
  void update(long done, double loss);

 private:
  void draw(long done, double loss);

  std::string label_;
  long total_;
  bool visible_;
  bool drawn_ = false;
  double last_draw_ = -1;
  Stopwatch watch_;
};

}  // namespace ladder
