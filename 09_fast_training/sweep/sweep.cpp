#include "09_fast_training/sweep/sweep.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <thread>

#include "09_fast_training/sweep/dealer.hpp"
#include "common/divergence.hpp"
#include "common/json.hpp"
#include "common/program.hpp"
#include "common/progress.hpp"
#include "common/random.hpp"
#include "common/timing.hpp"

namespace ladder {
namespace {

// What a thread says about the run it is at.
struct AtWork {
  std::atomic<double> budget_done = 0;  // seconds
  std::atomic<double> loss = 0;         // of the last step
};

struct BrokenOff {};

constexpr const char* leaving = "leaving";  // says a rank that was told to end

double seconds_a_step(Trainer& trainer, const std::vector<Tokens>& names, std::size_t batch) {
  constexpr double enough = 0.05;
  Batches batches(names, batch, 1);
  std::vector<double> seconds;
  for (double sum = 0; sum < enough || seconds.size() < 3; sum += seconds.back()) {
    const double start = thread_cpu_seconds();
    trainer.step(batches.next(), 1e-3);
    seconds.push_back(thread_cpu_seconds() - start);
  }
  return median(std::move(seconds));
}

// As many steps as take nine tenths of each budget, so that a run is still done within it on a core
// that is a little slower later. In random order: a sweep that is broken off has seen a bit of all.
std::vector<Configuration> make_plan(const Sweep& sweep) {
  std::vector<Configuration> plan;
  for (const int width : sweep.grid.widths) {
    const std::unique_ptr<Trainer> trainer = sweep.make(width);
    for (const std::size_t batch : sweep.grid.batches) {
      const double step = seconds_a_step(*trainer, sweep.dataset.train, batch);
      for (const double budget : sweep.grid.budgets) {
        const long steps = std::max(1L, std::lround(0.9 * budget / step));
        for (const double lr : sweep.grid.lrs) plan.push_back({width, batch, lr, steps, budget});
      }
    }
  }
  Random(sweep.seed).shuffle(plan);
  return plan;
}

// Nothing if it was broken off.
std::optional<SweepRun> make_run(const Sweep& sweep, const std::vector<Configuration>& plan,
                                 std::size_t index, const std::function<bool()>& stopped,
                                 AtWork& at) {
  const Configuration& c = plan.at(index);
  const std::unique_ptr<Trainer> trainer = sweep.make(c.width);
  SweepRun run{.index = index,
               .parameters = trainer->parameters().values.size(),
               .seconds = 0,
               .diverged = {}};
  long steps = 0;
  const Step step = [&](Batch names, double lr) {
    if (stopped()) throw BrokenOff();
    at.loss = trainer->step(names, lr);
    at.budget_done = c.budget * static_cast<double>(++steps) / static_cast<double>(c.steps);
    return at.loss.load();
  };
  const double start = thread_cpu_seconds();
  try {
    train_batches(sweep.dataset.train,
                  {.steps = c.steps, .batch_size = c.batch, .lr = c.lr, .seed = sweep.seed}, step,
                  "");
    run.seconds = thread_cpu_seconds() - start;
    if (stopped()) return std::nullopt;
    run.train_nll = trainer->nll(sweep.dataset.train);
    check_trained(run.train_nll, trainer->shape().vocab_size, c.steps, c.lr);
    run.val_nll = trainer->nll(sweep.dataset.held_out);
  } catch (const BrokenOff&) {
    return std::nullopt;
  } catch (const Error& error) {  // a learning rate that is too high is a result, too
    run.seconds = thread_cpu_seconds() - start;
    run.diverged = error.what();
  }
  return run;
}

// Rank 0's part: threads that make runs, and whoever asks from another rank.
class Hall {
 public:
  Hall(const Sweep& sweep, RunsFile& file, Ranks& ranks)
      : sweep_(sweep), file_(file), ranks_(ranks), dealer_(file) {}

  // Returns once all runs are made, or broken off.
  void run() {
    std::vector<AtWork> at(static_cast<std::size_t>(sweep_.threads));
    std::vector<std::thread> threads;
    for (AtWork& mine : at) threads.emplace_back([this, &mine] { work(mine); });
    serve_others(at);
    for (std::thread& thread : threads) thread.join();
    dealer_.rethrow();
  }

 private:
  void work(AtWork& at) {
    try {
      while (const auto index = dealer_.next()) {
        const auto run = make_run(
            sweep_, file_.plan(), *index, [this] { return dealer_.stopped(); }, at);
        at.budget_done = 0;
        if (run) dealer_.finished(*run);
      }
    } catch (...) {
      dealer_.fail();
    }
    ++gone_home_;
  }

  // Until all threads have gone home and all ranks have been sent there.
  void serve_others(const std::vector<AtWork>& at) {
    Progress progress("sweep", std::lround(1000 * dealer_.budget_left()), sweep_.quiet);
    int sent_home = 1;  // this rank
    while (gone_home_ < sweep_.threads || sent_home < ranks_.size()) {
      if (const auto rank = ranks_.heard_from()) {
        sent_home += answer(*rank) ? 0 : 1;
      } else {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
      double done = dealer_.budget_done(), loss = dealer_.least_nll();
      for (const AtWork& one : at) {
        done += one.budget_done;
        if (std::isinf(loss)) loss = one.loss;
      }
      progress.update(std::lround(1000 * done), loss);
    }
  }

  // Takes in another rank's run and deals it a new one. False if it makes no more.
  bool answer(int rank) {
    const std::string report = ranks_.receive(rank);
    if (report == leaving) return false;
    try {
      if (!report.empty()) {
        dealer_.finished(run_from_json(parse_json(report, "a rank's report"), file_.plan()));
      }
    } catch (...) {
      dealer_.fail();
    }
    const auto index = dealer_.next();
    ranks_.send(rank, index ? std::to_string(*index) : "");
    return index.has_value();
  }

  const Sweep& sweep_;
  RunsFile& file_;
  Ranks& ranks_;
  Dealer dealer_;
  std::atomic<int> gone_home_ = 0;
};

// Another rank's part: asks for a run, makes it, reports it.
void work_for_rank_0(const Sweep& sweep, const std::vector<Configuration>& plan, Ranks& ranks) {
  AtWork at;
  std::string report;
  for (;;) {
    ranks.send(0, report);
    const std::string deal = ranks.receive(0);
    if (deal.empty()) return;
    const std::size_t index = std::stoul(deal);
    const auto run = make_run(sweep, plan, index, interrupted, at);
    if (!run) return ranks.send(0, leaving);
    report = to_json(*run, plan.at(index)).dump();
  }
}

}  // namespace

SweepResults run_sweep(const Sweep& sweep, Ranks& ranks) {
  if (ranks.rank() > 0) {
    const auto plan = plan_from_json(parse_json(ranks.broadcast(""), "rank 0's plan"));
    work_for_rank_0(sweep, plan, ranks);
    return {};
  }
  RunsFile file = sweep.resume ? RunsFile::resume(sweep.file, sweep.asked)
                               : RunsFile::begin(sweep.file, sweep.force);
  if (!sweep.resume) file.write_plan(sweep.asked, make_plan(sweep));
  ranks.broadcast(to_json(file.plan()).dump());
  Hall(sweep, file, ranks).run();
  SweepResults results{file.plan(), file.runs()};
  std::sort(results.runs.begin(), results.runs.end(),
            [](const SweepRun& a, const SweepRun& b) { return a.index < b.index; });
  return results;
}

}  // namespace ladder
