#include "09_fast_training/bench.hpp"

#include <algorithm>
#include <functional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "06_gpt_adam/trainer.hpp"
#include "09_fast_training/trainer.hpp"
#include "common/machine.hpp"
#include "common/program.hpp"
#include "common/progress.hpp"
#include "common/results.hpp"
#include "common/timing.hpp"

namespace ladder {
namespace {

constexpr int rounds = 21;

struct Contender {
  std::string engine;
  int width;
  std::function<double()> step;  // sampling, forward, backward, Adam
  int steps_a_round;
  double floor;                      // µs, or 0 if nobody asked
  std::vector<double> microseconds;  // a step, of each round
};

// In turn, so that what else the machine does falls on all alike.
void measure(std::vector<Contender>& contenders, bool quiet) {
  Progress progress("bench", rounds, quiet);
  for (Contender& contender : contenders) contender.step();
  for (int round = 0; round < rounds && !interrupted(); ++round) {
    double loss = 0;
    for (Contender& contender : contenders) {
      const double start = thread_cpu_seconds();
      for (int i = 0; i < contender.steps_a_round; ++i) loss = contender.step();
      contender.microseconds.push_back(1e6 * (thread_cpu_seconds() - start) /
                                       contender.steps_a_round);
    }
    progress.update(round + 1, loss);
  }
}

// Numbers in the matrices that every row is multiplied by: all but the embeddings.
double matrix_weights(const GptShape& shape) {
  const double d = shape.n_embd;
  return 12 * d * d + shape.vocab_size * d;
}

// Mean rows of a batch.
double mean_rows(const std::vector<Tokens>& names, std::size_t batch, Packing packing,
                 const Options& options) {
  constexpr int batches = 1000;
  Batches sample(names, batch, options.seed);
  PackedBatch packed;
  double rows = 0;
  for (int i = 0; i < batches; ++i) {
    packed.pack(sample.next(), 0, packing);
    rows += packed.rows();
  }
  return rows / batches;
}

nlohmann::json to_json(const std::vector<Contender>& contenders, std::size_t batch) {
  nlohmann::json rows = nlohmann::json::array();
  for (const Contender& contender : contenders) {
    rows.push_back({{"width", contender.width},
                    {"batch", batch},
                    {"engine", contender.engine},
                    {"us_per_step", median(contender.microseconds)},
                    {"floor_us_per_step", nullptr}});
    if (contender.floor > 0) rows.back()["floor_us_per_step"] = contender.floor;
  }
  return measurement_json("09_fast_training", rows);
}

void print(const std::vector<Contender>& contenders) {
  fmt::print("  width  engine              µs a step   (least – most)       floor  x floor\n");
  for (const Contender& contender : contenders) {
    const double us = median(contender.microseconds);
    const auto [least, most] =
        std::minmax_element(contender.microseconds.begin(), contender.microseconds.end());
    fmt::print("  {:5}  {:18} {:>10.1f}   ({:.1f} – {:.1f})", contender.width, contender.engine, us,
               *least, *most);
    if (contender.floor > 0)
      fmt::print("{:>12.1f} {:>8.2f}", contender.floor, us / contender.floor);
    fmt::print("\n");
  }
}

}  // namespace

void run_bench(const Options& options, std::size_t batch, const std::string& vectors) {
  Corpus corpus = load_corpus(options.data);
  drop_longer_than(corpus, GptShape::block_size - 1);
  const Tokenizer tokenizer(corpus.rows);
  const std::vector<Tokens> names = tokenizer.encode_all(corpus.rows);
  const double peak = measure_peak_flops(vectors);
  const double rows = mean_rows(names, batch, Packing::names, options);
  const double merged_rows = mean_rows(names, batch, Packing::merged, options);

  constexpr double lr = 1e-3;
  const OptimizerOptions adam = {.adam = true, .options = microgpt_adam};
  std::vector<Contender> contenders;
  for (const int width : {16, 32, 64}) {
    const GptShape shape = {width, tokenizer.vocab_size(), false};
    const auto add = [&](const std::string& engine, double rows_a_step, int steps,
                         std::shared_ptr<Trainer> trainer, Packing packing) {
      trainer->packing = packing;
      contenders.push_back({engine,
                            width,
                            [=, batches = Batches(names, batch, options.seed)]() mutable {
                              return trainer->step(batches.next(), lr);
                            },
                            steps,
                            1e6 * 6 * matrix_weights(shape) * rows_a_step / peak,
                            {}});
    };
    const GptParameters parameters = draw_parameters(shape, Random(options.seed));
    const int steps = 16 * 400 / width;
    add("fast", rows, steps, make_fast_trainer<float>(parameters, adam, vectors), Packing::names);
    add("fast, merged", merged_rows, steps, make_fast_trainer<float>(parameters, adam, vectors),
        Packing::merged);
    add("plain loops", rows, 2, make_plain_trainer<float>(parameters, adam), Packing::names);
  }
  Random random(options.seed);
  MatrixTrainer tape(
      tokenizer.vocab_size(), [&] { return 0.08 * random.normal(); }, microgpt_adam);
  contenders.push_back({"matrix tape of 06",
                        Gpt::n_embd,
                        [&, batches = Batches(names, batch, options.seed)]() mutable {
                          return tape.train_step(batches.next(), lr);
                        },
                        20,
                        0,
                        {}});
  measure(contenders, options.quiet);

  fmt::print(
      "forward, backward, Adam and batch sampling; microGPT's variant, {} names a step\n"
      "({:.1f} rows; merged {:.1f}); peak of one core {:.0f} GFLOP/s; floor: 6 x matrix\n"
      "weights x rows / peak\n\n",
      batch, rows, merged_rows, peak * 1e-9);
  print(contenders);
  fmt::print("\nmedian of {} rounds, thread CPU time; the tape in double, all else in float\n{}\n",
             rounds, machine_description());
  if (!options.json.empty()) write_json(options.json, to_json(contenders, batch));
}

}  // namespace ladder
