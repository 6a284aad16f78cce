#include "09_fast_training/contender.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "common/program.hpp"
#include "common/progress.hpp"
#include "common/timing.hpp"

namespace ladder {

Contender training_contender(const std::string& engine, std::shared_ptr<Trainer> trainer,
                             const std::vector<Tokens>& names, std::size_t batch,
                             std::uint64_t seed, Packing packing) {
  constexpr double lr = 1e-3;
  trainer->packing = packing;
  return {.engine = engine,
          .width = trainer->shape().n_embd,
          .batch = batch,
          .step = [trainer, batches = Batches(names, batch, seed)]() mutable {
            return trainer->step(batches.next(), lr);
          }};
}

void measure_in_turn(std::vector<Contender>& contenders, int rounds, double milliseconds,
                     const std::string& label, bool quiet) {
  std::vector<int> steps;  // of a round
  for (Contender& contender : contenders) {
    contender.step();  // the first one finds its memory
    const double start = thread_cpu_seconds();
    int made = 0;
    do {
      contender.step();
      ++made;
    } while (thread_cpu_seconds() - start < 1e-3 * milliseconds);
    steps.push_back(made);
  }
  Progress progress(label, rounds, quiet);
  for (int round = 0; round < rounds; ++round) {
    double loss = 0;
    for (std::size_t i = 0; i < contenders.size(); ++i) {
      const double start = thread_cpu_seconds();
      for (int step = 0; step < steps[i]; ++step) loss = contenders[i].step();
      contenders[i].microseconds.push_back(1e6 * (thread_cpu_seconds() - start) / steps[i]);
    }
    progress.update(round + 1, loss);
    if (interrupted()) break;  // what was measured so far is shown
  }
}

double mean_rows(const std::vector<Tokens>& names, std::size_t batch, Packing packing,
                 std::uint64_t seed) {
  constexpr int batches = 1000;
  Batches sample(names, batch, seed);
  PackedBatch packed;
  double rows = 0;
  for (int i = 0; i < batches; ++i) {
    packed.pack(sample.next(), 0, packing);
    rows += packed.rows();
  }
  return rows / batches;
}

double floor_us(const GptShape& shape, double rows, double flops) {
  const double d = shape.n_embd;
  const double matrix_weights = 12 * d * d + shape.vocab_size * d;
  return 1e6 * 6 * matrix_weights * rows / flops;
}

nlohmann::json to_json(const Contender& contender) {
  nlohmann::json row = {{"width", contender.width},
                        {"batch", contender.batch},
                        {"engine", contender.engine},
                        {"us_per_step", nullptr},
                        {"floor_us_per_step", nullptr}};
  if (!contender.microseconds.empty()) row["us_per_step"] = median(contender.microseconds);
  if (contender.floor > 0) row["floor_us_per_step"] = contender.floor;
  return row;
}

}  // namespace ladder
