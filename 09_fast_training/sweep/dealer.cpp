#include "09_fast_training/sweep/dealer.hpp"

#include <algorithm>
#include <limits>

#include "common/program.hpp"

namespace ladder {

Dealer::Dealer(RunsFile& file) : file_(file), least_nll_(std::numeric_limits<double>::infinity()) {
  std::vector<bool> done(file.plan().size());
  for (const SweepRun& run : file.runs()) {
    done[run.index] = true;
    if (run.diverged.empty()) least_nll_ = std::min<double>(least_nll_, run.val_nll);
  }
  for (std::size_t i = done.size(); i-- > 0;) {
    if (done[i]) continue;
    open_.push_back(i);
    budget_left_ += file.plan()[i].budget;
  }
}

std::optional<std::size_t> Dealer::next() {
  const std::lock_guard lock(mutex_);
  if (open_.empty() || stopped()) return std::nullopt;
  const std::size_t index = open_.back();
  open_.pop_back();
  return index;
}

void Dealer::finished(const SweepRun& run) {
  const std::lock_guard lock(mutex_);
  file_.append(run);
  budget_done_ = budget_done_ + file_.plan()[run.index].budget;
  if (run.diverged.empty()) least_nll_ = std::min<double>(least_nll_, run.val_nll);
}

void Dealer::fail() {
  const std::lock_guard lock(mutex_);
  failure_ = std::current_exception();
  failed_ = true;
}

bool Dealer::stopped() const { return failed_ || interrupted(); }

void Dealer::rethrow() const {
  if (failure_) std::rethrow_exception(failure_);
}

}  // namespace ladder
