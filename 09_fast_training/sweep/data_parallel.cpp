#include "09_fast_training/sweep/data_parallel.hpp"

#include <algorithm>
#include <csignal>

#include "common/timing.hpp"

namespace ladder {
namespace {

constexpr double awake = 500e-6;  // seconds

std::size_t predictions_of_name(const Tokens& name) {
  return std::min<std::size_t>(name.size() + 1, GptShape::block_size);
}

// Thread t of n adds up from `begin` to `end`.
struct Slice {
  std::size_t begin, end;
};
Slice slice_of(std::size_t size, std::size_t t, std::size_t n) {
  return {size * t / n, size * (t + 1) / n};
}

}  // namespace

void MeetingPoint::wait() {
  const unsigned meeting = meetings_.load();
  if (arrived_.fetch_add(1) + 1 == threads_) {
    arrived_.store(0);
    meetings_.fetch_add(1);
    meetings_.notify_all();
    return;
  }
  for (const Stopwatch watch; watch.seconds() < awake;) {
    if (meetings_.load() != meeting) return;
  }
  meetings_.wait(meeting);
}

std::size_t predictions_of(Batch names) {
  std::size_t sum = 0;
  for (const Tokens* name : names) sum += predictions_of_name(*name);
  return sum;
}

Batch part_of_batch(Batch names, std::size_t part, std::size_t parts) {
  const std::size_t all = predictions_of(names);
  std::size_t begin = 0, end = 0, before = 0;
  for (const Tokens* name : names) {
    // The part in which the middle of this name lies.
    const std::size_t its_part = (2 * before + predictions_of_name(*name)) * parts / (2 * all);
    begin += its_part < part ? 1 : 0;
    end += its_part <= part ? 1 : 0;
    before += predictions_of_name(*name);
  }
  return names.subspan(begin, end - begin);
}

DataParallel::DataParallel(Trainer& first, const MakeTrainer& make, int threads, Ranks& ranks)
    : ranks_(ranks), workers_(static_cast<std::size_t>(threads)), meeting_point_(threads) {
  workers_[0].trainer = &first;
  for (std::size_t i = 1; i < workers_.size(); ++i) {
    workers_[i].own = make();
    workers_[i].trainer = workers_[i].own.get();
    workers_[i].trainer->packing = first.packing;
  }
  std::visit(
      [this](auto gradient) {
        using Number = typename decltype(gradient)::value_type;
        total_ = std::vector<Number>(gradient.size() + 1);
      },
      first.flat_gradient());
  for (std::size_t i = 1; i < workers_.size(); ++i) {
    threads_.emplace_back([this, i] { live(i); });
  }
  // A rank that stopped after a step of its own choice would leave the others waiting for it: asked
  // to end, all of them end at once.
  if (ranks.size() == 1) return;
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, SIG_DFL);
}

DataParallel::~DataParallel() {
  over_ = true;
  meeting_point_.wait();
  for (std::thread& thread : threads_) thread.join();
}

double DataParallel::step(Batch names, double lr) {
  names_ = names;
  lr_ = lr;
  predictions_ = static_cast<double>(predictions_of(names));
  meeting_point_.wait();
  work(0);
  return std::visit([](const auto& total) { return static_cast<double>(total.back()); }, total_);
}

void DataParallel::live(std::size_t thread) {
  for (;;) {
    meeting_point_.wait();
    if (over_) return;
    work(thread);
  }
}

void DataParallel::work(std::size_t thread) {
  const double lr = lr_;  // thread 0 may be at the next step while another still moves
  make_gradient(thread);
  meeting_point_.wait();
  std::visit([&](auto& total) { sum(total, thread); }, total_);
  workers_[thread].trainer->update(lr);
}

// Each thread adds up a slice of all gradients, and then takes the whole sum for its own.
template <class Number>
void DataParallel::sum(std::vector<Number>& total, std::size_t thread) {
  const auto gradient_of = [&](std::size_t i) {
    return std::get<std::span<Number>>(workers_[i].trainer->flat_gradient());
  };
  const std::size_t size = total.size() - 1, threads = workers_.size();
  const Slice slice = slice_of(size, thread, threads);
  for (std::size_t i = 0; i < threads; ++i) {
    const auto from = gradient_of(i);
    for (std::size_t j = slice.begin; j < slice.end; ++j) {
      total[j] = i == 0 ? from[j] : total[j] + from[j];
    }
  }
  if (thread == 0) {
    double loss = 0;
    for (const Worker& worker : workers_) loss += worker.loss;
    total[size] = static_cast<Number>(loss);
  }
  meeting_point_.wait();
  if (ranks_.size() > 1) {
    if (thread == 0) ranks_.sum(std::span<Number>(total));
    meeting_point_.wait();
  }
  std::copy_n(total.begin(), size, gradient_of(thread).begin());
}

void DataParallel::make_gradient(std::size_t thread) {
  Worker& worker = workers_[thread];
  const std::size_t threads = workers_.size();
  const Batch part =
      part_of_batch(names_, static_cast<std::size_t>(ranks_.rank()) * threads + thread,
                    static_cast<std::size_t>(ranks_.size()) * threads);
  if (part.empty()) {
    worker.loss = 0;
    std::visit([](auto gradient) { std::fill(gradient.begin(), gradient.end(), 0); },
               worker.trainer->flat_gradient());
    return;
  }
  worker.batch.pack(part, worker.trainer->shape().bos(), worker.trainer->packing);
  worker.loss = worker.trainer->loss_and_gradient(worker.batch, predictions_);
}

}  // namespace ladder
