#include "06_gpt_adam/bench.hpp"

#include <algorithm>
#include <functional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "06_gpt_adam/trainer.hpp"
#include "common/machine.hpp"
#include "common/program.hpp"
#include "common/results.hpp"
#include "common/timing.hpp"

namespace ladder {
namespace {

constexpr int rounds = 30;
constexpr std::size_t batch_size = 32;
constexpr int steps_a_round = 20;

struct Contender {
  std::string engine;
  std::size_t batch;                 // names a step
  std::function<void()> step;        // forward, backward, Adam
  std::vector<double> microseconds;  // a name, of each round
};

// In turn, so that what else the machine does falls on all alike.
void measure(std::vector<Contender>& contenders) {
  for (int round = 0; round < rounds && !interrupted(); ++round) {
    for (Contender& contender : contenders) {
      const double start = thread_cpu_seconds();
      for (int i = 0; i < steps_a_round; ++i) contender.step();
      const double names = static_cast<double>(steps_a_round * contender.batch);
      contender.microseconds.push_back(1e6 * (thread_cpu_seconds() - start) / names);
    }
  }
}

nlohmann::json to_json(const std::vector<Contender>& contenders) {
  nlohmann::json rows = nlohmann::json::array();
  for (const Contender& contender : contenders) {
    const double us = median(contender.microseconds);
    rows.push_back({{"width", Gpt::n_embd},
                    {"batch", contender.batch},
                    {"engine", contender.engine},
                    {"us_per_step", us * static_cast<double>(contender.batch)},
                    {"us_per_name", us},
                    {"floor_us_per_step", nullptr}});
  }
  return measurement_json("06_gpt_adam", rows);
}

}  // namespace

void run_bench(const Options& options) {
  // The names as they come, so that their mean length is the corpus's: 7.1 predictions.
  Corpus corpus = load_corpus(options.data);
  drop_longer_than(corpus, Gpt::block_size - 1);
  const Tokenizer tokenizer(corpus.rows);
  const std::vector<Tokens> names = tokenizer.encode_all(corpus.rows);

  Random random(options.seed);
  const Gpt::Draw draw = [&] { return 0.08 * random.normal(); };
  constexpr double lr = 1e-3;
  ScalarTrainer scalar(tokenizer.vocab_size(), draw, {});
  MatrixTrainer single(tokenizer.vocab_size(), draw, {}), batched(tokenizer.vocab_size(), draw, {});
  Batches for_scalar(names, 1, options.seed), for_single(names, 1, options.seed);
  Batches for_batched(names, batch_size, options.seed);
  std::vector<Contender> contenders = {
      {"scalar tape", 1, [&] { scalar.train_step(for_scalar.next(), lr); }, {}},
      {"matrix tape", 1, [&] { single.train_step(for_single.next(), lr); }, {}},
      {"matrix tape", batch_size, [&] { batched.train_step(for_batched.next(), lr); }, {}}};
  measure(contenders);

  fmt::print("forward, backward and Adam through microGPT, width {}, in double; µs a name\n\n",
             Gpt::n_embd);
  for (Contender& contender : contenders) {
    std::vector<double>& us = contender.microseconds;
    std::sort(us.begin(), us.end());
    fmt::print("  {}, batch {:<4} {:>8.1f} µs   ({:.1f} – {:.1f})\n", contender.engine,
               contender.batch, median(us), us.front(), us.back());
  }
  fmt::print("\nmedian (least – most) of {} rounds of {} steps, thread CPU time\n{}\n", rounds,
             steps_a_round, machine_description());
  if (!options.json.empty()) write_json(options.json, to_json(contenders));
}

}  // namespace ladder
