#include "09_fast_training/bench.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "06_gpt_adam/trainer.hpp"
#include "09_fast_training/contender.hpp"
#include "common/machine.hpp"
#include "common/results.hpp"
#include "common/timing.hpp"

namespace ladder {
namespace {

constexpr int rounds = 21;

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
  const double rows = mean_rows(names, batch, Packing::names, options.seed);
  const double merged_rows = mean_rows(names, batch, Packing::merged, options.seed);

  const OptimizerOptions adam = {.adam = true, .options = microgpt_adam};
  std::vector<Contender> contenders;
  for (const int width : {16, 32, 64}) {
    const GptShape shape = {width, tokenizer.vocab_size(), false};
    const auto add = [&](const std::string& engine, double rows_a_step,
                         std::shared_ptr<Trainer> trainer, Packing packing) {
      contenders.push_back(
          training_contender(engine, trainer, names, batch, options.seed, packing));
      contenders.back().floor = floor_us(shape, rows_a_step, peak);
    };
    const GptParameters parameters = draw_parameters(shape, Random(options.seed));
    add("fast", rows, make_fast_trainer<float>(parameters, adam, vectors), Packing::names);
    add("fast, merged", merged_rows, make_fast_trainer<float>(parameters, adam, vectors),
        Packing::merged);
    add("plain loops", rows, make_plain_trainer<float>(parameters, adam), Packing::names);
  }
  Random random(options.seed);
  MatrixTrainer tape(
      tokenizer.vocab_size(), [&] { return 0.08 * random.normal(); }, microgpt_adam);
  contenders.push_back({.engine = "matrix tape of 06",
                        .width = Gpt::n_embd,
                        .batch = batch,
                        .step = [&, batches = Batches(names, batch, options.seed)]() mutable {
                          return tape.train_step(batches.next(), 1e-3);
                        }});
  measure_in_turn(contenders, rounds, 20, "bench", options.quiet);

  fmt::print(
      "forward, backward, Adam and batch sampling; microGPT's variant, {} names a step\n"
      "({:.1f} rows; merged {:.1f}); peak of one core {:.0f} GFLOP/s; floor: 6 x matrix\n"
      "weights x rows / peak\n\n",
      batch, rows, merged_rows, peak * 1e-9);
  print(contenders);
  fmt::print("\nmedian of {} rounds, thread CPU time; the tape in double, all else in float\n{}\n",
             rounds, machine_description());
  if (options.json.empty()) return;
  nlohmann::json json = nlohmann::json::array();
  for (const Contender& contender : contenders) json.push_back(to_json(contender));
  write_json(options.json, measurement_json("09_fast_training", json));
}

}  // namespace ladder
