// --data-parallel --bench: what a second core or a second machine brings, and what it costs.
#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "09_fast_training/sweep/data_parallel.hpp"
#include "09_fast_training/sweep/modes.hpp"
#include "common/machine.hpp"
#include "common/program.hpp"
#include "common/progress.hpp"
#include "common/results.hpp"
#include "common/terminal.hpp"
#include "common/timing.hpp"

namespace ladder {
namespace {

constexpr int rounds = 21;
constexpr std::size_t batch_sizes[] = {16, 64, 256, 1024};
constexpr double lr = 1e-3;

// Microseconds on the wall, medians: whoever waits for another is not excused from it.
struct Speed {
  int width;
  std::size_t batch;
  double alone, together;  // a step
  double loss;             // of the last one
};
struct SumSpeed {
  int width;
  std::size_t parameters, bytes;
  double all_reduce, in_order;
};

template <class Work>
double microseconds(int calls, Work&& work) {
  const Stopwatch watch;
  for (int i = 0; i < calls; ++i) work();
  return 1e6 * watch.seconds() / calls;
}

// How often `work` fits into three milliseconds.
template <class Work>
int calls_in_a_round(Work&& work) {
  return std::max(1, static_cast<int>(3000 / std::min(3000.0, microseconds(3, work))));
}

// What rank 0 found, for all ranks.
int as_rank_0_says(Ranks& ranks, int calls) {
  return std::stoi(ranks.broadcast(std::to_string(calls)));
}

// Ctrl-C: what was measured so far is shown. (Several processes end at once, see DataParallel.)
bool broken_off(const Ranks& ranks) { return ranks.size() == 1 && interrupted(); }

// Rank 0's work, while the others sleep: one that waits inside MPI would take a core for it.
template <class Work>
void by_rank_0_alone(Ranks& ranks, Work&& work) {
  if (ranks.rank() > 0) {
    while (!ranks.heard_from()) std::this_thread::sleep_for(std::chrono::microseconds(500));
    ranks.receive(0);
    return;
  }
  work();
  for (int rank = 1; rank < ranks.size(); ++rank) ranks.send(rank, "done");
}

Speed measure_steps(const GptShape& shape, std::size_t batch, const std::vector<Tokens>& names,
                    const ParallelOptions& options, Ranks& ranks) {
  const auto make = [&] {
    return make_fast_trainer<float>(draw_parameters(shape, Random(1)),
                                    {.adam = true, .options = microgpt_adam});
  };
  const auto lone = make(), first = make();
  DataParallel parallel(*first, make, options.threads_of_rank(), ranks);
  // Of the second all ranks draw the same batches; of the first only rank 0 draws any.
  Batches of_lone(names, batch, 1), of_all(names, batch, 1);
  const auto alone = [&] { lone->step(of_lone.next(), lr); };
  double loss = 0;
  const auto together = [&] { loss = parallel.step(of_all.next(), lr); };
  int calls = 0;
  by_rank_0_alone(ranks, [&] { calls = calls_in_a_round(alone); });
  calls = as_rank_0_says(ranks, calls);
  std::vector<double> alone_us, together_us;
  for (int round = 0; round < rounds; ++round) {
    by_rank_0_alone(ranks, [&] { alone_us.push_back(microseconds(calls, alone)); });
    together();  // all are here
    together_us.push_back(microseconds(calls, together));
    if (broken_off(ranks)) break;
  }
  if (ranks.rank() > 0) return {};
  return {shape.n_embd, batch, median(alone_us), median(together_us), loss};
}

SumSpeed measure_sums(const GptShape& shape, Ranks& ranks) {
  const std::size_t parameters = TensorOffsets(shape).size;
  std::vector<float> numbers(parameters);
  const auto all_reduce = [&] { ranks.sum(numbers); };
  const auto in_order = [&] { ranks.sum_in_order(numbers); };
  const int calls = as_rank_0_says(ranks, calls_in_a_round(all_reduce));
  std::vector<double> all_reduce_us, in_order_us;
  for (int round = 0; round < rounds; ++round) {
    all_reduce_us.push_back(microseconds(calls, all_reduce));
    in_order_us.push_back(microseconds(calls, in_order));
  }
  return {shape.n_embd, parameters, parameters * sizeof(float), median(all_reduce_us),
          median(in_order_us)};
}

void print_steps(const std::vector<Speed>& speeds, int threads, int ranks) {
  fmt::print("a step of one thread against one split between {} thread{} of {} process{}\n\n",
             threads, threads > 1 ? "s" : "", ranks, ranks > 1 ? "es" : "");
  fmt::print("  width  batch    µs alone    µs split   times as fast\n");
  for (const Speed& speed : speeds) {
    fmt::print("  {:5}  {:5}  {:10.1f}  {:10.1f}  {:14.2f}{}\n", speed.width, speed.batch,
               speed.alone, speed.together, speed.alone / speed.together,
               speed.together < speed.alone ? "" : "   does not pay");
  }
}

void print_sums(const std::vector<SumSpeed>& sums, const std::vector<Speed>& speeds, int ranks) {
  fmt::print("\nthe sum of a gradient over {} processes, beside a step of {} names alone\n\n",
             ranks, batch_sizes[1]);
  fmt::print("  width  parameters      bytes  µs Allreduce  µs in order   µs a step    share\n");
  for (const SumSpeed& sum : sums) {
    const auto step = std::find_if(speeds.begin(), speeds.end(), [&](const Speed& speed) {
      return speed.width == sum.width && speed.batch == batch_sizes[1];
    });
    fmt::print("  {:5}  {:>10}  {:>9}  {:12.1f}  {:11.1f}  {:10.1f}  {:6.1f}%\n", sum.width,
               with_commas(sum.parameters), with_commas(sum.bytes), sum.all_reduce, sum.in_order,
               step->alone, 100 * sum.all_reduce / step->alone);
  }
}

// The smallest batch of the table from which on every larger one is done sooner by all together.
std::optional<std::size_t> pays_from(int width, const std::vector<Speed>& speeds) {
  std::optional<std::size_t> from;
  for (const Speed& speed : speeds) {
    if (speed.width != width) continue;
    if (speed.together >= speed.alone) {
      from.reset();
    } else if (!from) {
      from = speed.batch;
    }
  }
  return from;
}

void print_pays_from(const std::vector<Speed>& speeds) {
  std::vector<std::string> texts;
  for (const int width : gpt_widths) {
    const auto batch = pays_from(width, speeds);
    texts.push_back(fmt::format("{} ({})", batch ? std::to_string(*batch) : "none", width));
  }
  fmt::print("\nsplitting pays from batch (width): {}\n", fmt::join(texts, ", "));
}

nlohmann::json to_json(const std::vector<Speed>& speeds, const std::vector<SumSpeed>& sums,
                       int threads, int ranks) {
  nlohmann::json rows = nlohmann::json::array();
  for (const Speed& speed : speeds) {
    for (const bool is_split : {false, true}) {
      rows.push_back({{"width", speed.width},
                      {"batch", speed.batch},
                      {"engine", is_split ? "data parallel" : "fast"},
                      {"threads", is_split ? threads : 1},
                      {"ranks", is_split ? ranks : 1},
                      {"clock", "wall"},
                      {"us_per_step", is_split ? speed.together : speed.alone},
                      {"floor_us_per_step", nullptr}});
    }
  }
  nlohmann::json json = measurement_json("09_fast_training", rows);
  json["sums"] = nlohmann::json::array();
  for (const SumSpeed& sum : sums) {
    json["sums"].push_back({{"width", sum.width},
                            {"parameters", sum.parameters},
                            {"bytes", sum.bytes},
                            {"ranks", ranks},
                            {"us_per_allreduce", sum.all_reduce},
                            {"us_per_sum_in_order", sum.in_order}});
  }
  return json;
}

}  // namespace

void run_parallel_bench(const Options& options, const ParallelOptions& parallel, Ranks& ranks) {
  Corpus corpus = load_corpus(options.data);
  drop_longer_than(corpus, GptShape::block_size - 1);
  const Tokenizer tokenizer(corpus.rows);
  const std::vector<Tokens> names = tokenizer.encode_all(corpus.rows);

  std::vector<Speed> speeds;
  std::vector<SumSpeed> sums;
  Progress progress("bench", static_cast<long>(std::size(gpt_widths) * std::size(batch_sizes)),
                    options.quiet || ranks.rank() > 0);
  for (const int width : gpt_widths) {
    const GptShape shape = {width, tokenizer.vocab_size(), false};
    for (const std::size_t batch : batch_sizes) {
      if (broken_off(ranks)) break;
      speeds.push_back(measure_steps(shape, batch, names, parallel, ranks));
      progress.update(static_cast<long>(speeds.size()), speeds.back().loss);
    }
    if (ranks.size() > 1) sums.push_back(measure_sums(shape, ranks));
  }
  if (ranks.rank() > 0) return;
  const int threads = parallel.threads_of_rank();
  print_steps(speeds, threads, ranks.size());
  if (!broken_off(ranks)) print_pays_from(speeds);
  if (!sums.empty()) print_sums(sums, speeds, ranks.size());
  const unsigned cores = std::thread::hardware_concurrency();
  if (static_cast<unsigned>(threads * ranks.size()) > cores && cores > 0) {
    fmt::print("\n{} threads share {} core{} here: splitting cannot show what it is worth\n",
               threads * ranks.size(), cores, cores > 1 ? "s" : "");
  }
  fmt::print(
      "\nmedian of {} rounds, wall time; microGPT's variant, forward, backward, Adam and\n"
      "batch sampling, in float\n{}\n",
      rounds, machine_description());
  if (!options.json.empty()) write_json(options.json, to_json(speeds, sums, threads, ranks.size()));
}

}  // namespace ladder
