#pragma once
/// \file
/// One model trained by many cores: each takes a part of every batch, and their gradients are added
/// up.

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <variant>
#include <vector>

#include "09_fast_training/sweep/ranks.hpp"
#include "09_fast_training/trainer.hpp"

namespace ladder {

/// Where threads wait for one another. They stay awake for as long as a few steps take, and only
/// then fall asleep: to be woken takes tens of microseconds, and a step at width 16 not many more.
class MeetingPoint {
 public:
  /// Of so many threads.
  explicit MeetingPoint(int threads) : threads_(threads) {}

  /// Returns once all threads have called it; what each did before is then seen by all.
  void wait();

 private:
  const int threads_;
  std::atomic<int> arrived_ = 0;
  std::atomic<unsigned> meetings_ = 0;
};

/// Trainers with the same parameters, one a thread, on all ranks. Every step each of them makes the
/// gradient of a part of the batch; the parts are added up in their order, and every trainer makes
/// the same move along the sum. So nothing but gradients is ever exchanged, and the same parts give
/// the same numbers, run for run.
class DataParallel {
 public:
  /// A further trainer, with the parameters that `first` has.
  using MakeTrainer = std::function<std::unique_ptr<Trainer>()>;

  /// \param first    the calling thread's; it must outlive this, as must `ranks`
  /// \param threads  of each rank, the calling one included
  DataParallel(Trainer& first, const MakeTrainer& make, int threads, Ranks& ranks);
  ~DataParallel();
  DataParallel(const DataParallel&) = delete;
  DataParallel& operator=(const DataParallel&) = delete;

  /// Trainer::step(), by all of them. Every rank gives the same batch.
  double step(Batch names, double lr);

 private:
  struct Worker {
    std::unique_ptr<Trainer> own;
    Trainer* trainer;
    PackedBatch batch;
    double loss;
  };

  void live(std::size_t thread);
  void work(std::size_t thread);
  void make_gradient(std::size_t thread);
  template <class Number>
  void sum(std::vector<Number>& total, std::size_t thread);

  Ranks& ranks_;
  std::vector<Worker> workers_;
  MeetingPoint meeting_point_;
  std::variant<std::vector<float>, std::vector<double>> total_;  // the gradient, then the loss
  bool over_ = false;

  // Of this step.
  Batch names_;
  double lr_ = 0, predictions_ = 0;

  std::vector<std::thread> threads_;  // last: they use all of the above
};

/// Part `part` of `parts` of a batch: names that follow one another, so cut that all parts have
/// nearly the same number of predictions. Empty if there are too few names.
Batch part_of_batch(Batch names, std::size_t part, std::size_t parts);

/// Characters to predict in a batch.
std::size_t predictions_of(Batch names);

}  // namespace ladder
