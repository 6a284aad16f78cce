#pragma once
/// \file
/// Who makes which run of a sweep.

#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <vector>

#include "09_fast_training/sweep/runs_file.hpp"

namespace ladder {

/// Deals the runs that a file does not have yet, and adds those that are done to it. For any number
/// of threads.
class Dealer {
 public:
  /// \param file  must outlive this; nobody else may use it meanwhile
  explicit Dealer(RunsFile& file);

  /// A run to be made; nothing if there is none left, or if the sweep is to end.
  std::optional<std::size_t> next();
  /// It is finished.
  /// \throws Error if that cannot be written
  void finished(const SweepRun& run);
  /// Ends the sweep, because of the exception that is being handled.
  void fail();

  /// True if runs should be broken off: something failed, or the reader pressed Ctrl-C.
  bool stopped() const;
  /// Once nobody works any more: throws what fail() was called for, if it was.
  void rethrow() const;

  double budget_left() const { return budget_left_; }  ///< seconds of runs not finished at first
  double budget_done() const { return budget_done_; }  ///< of those that are now
  double least_nll() const { return least_nll_; }  ///< of all finished ones; infinite if none is

 private:
  RunsFile& file_;
  std::mutex mutex_;
  std::vector<std::size_t> open_;  // the next one last
  std::exception_ptr failure_;
  std::atomic<bool> failed_ = false;
  double budget_left_ = 0;
  std::atomic<double> budget_done_ = 0, least_nll_;
};

}  // namespace ladder
