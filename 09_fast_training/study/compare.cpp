#include "09_fast_training/study/compare.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "06_gpt_adam/trainer.hpp"
#include "09_fast_training/contender.hpp"
#include "09_fast_training/study/names.hpp"
#include "common/machine.hpp"
#include "common/results.hpp"
#include "common/terminal.hpp"
#include "common/timing.hpp"

namespace ladder {
namespace {

constexpr int rounds = 21;
constexpr int widths[] = {16, 32, 64};
constexpr std::size_t batches[] = {1, 16};

struct Compared {
  Contender contender;
  std::function<std::size_t()> nodes;  // of the last step
  double mean_nodes = 0;
};

// µs a name at the widths above, as others have published them.
struct Published {
  const char* engine;
  const char* figures[3];
};
constexpr Published published[] = {
    {"CPython (microgpt.py), alone", {"49,000", "189,300", "713,200"}},
    {"a Rust tape, alone", {"118", "-", "-"}},
    {"explicit C (EEmicroGPT), of 16", {"3.0", "11.4", "39.6"}},
};

template <class Tape>
Compared on_tape(const std::string& engine, const StudyNames& names, int width, std::size_t batch,
                 std::uint64_t seed) {
  Random random(seed);
  const auto tape = std::make_shared<Tape>(
      names.tokenizer.vocab_size(), [&] { return 0.08 * random.normal(); }, microgpt_adam, width);
  return {.contender = {.engine = engine,
                        .width = width,
                        .batch = batch,
                        .step =
                            [tape, sample = Batches(names.names, batch, seed)]() mutable {
                              return tape->train_step(sample.next(), 1e-3);
                            }},
          .nodes = [tape] { return tape->nodes(); }};
}

std::vector<Compared> all_of(const StudyNames& names, std::uint64_t seed) {
  const double peak = measure_peak_flops();
  const OptimizerOptions adam = {.adam = true, .options = microgpt_adam};
  std::vector<Compared> all;
  for (const int width : widths) {
    const GptShape shape = {width, names.tokenizer.vocab_size(), false};
    const GptParameters parameters = draw_parameters(shape, Random(seed));
    for (const std::size_t batch : batches) {
      const double floor =
          floor_us(shape, mean_rows(names.names, batch, Packing::names, seed), peak);
      const auto add = [&](const std::string& engine, std::shared_ptr<Trainer> trainer) {
        all.push_back({.contender = training_contender(engine, trainer, names.names, batch, seed),
                       .nodes = [] { return std::size_t{0}; }});
        all.back().contender.floor = floor;
      };
      if (batch == 1) {
        all.push_back(
            on_tape<ScalarTrainer>("scalar tape of 03 (double)", names, width, batch, seed));
      }
      all.push_back(
          on_tape<MatrixTrainer>("matrix tape of 06 (double)", names, width, batch, seed));
      add("plain loops (float)", make_plain_trainer<float>(parameters, adam));
      add("fast (float)", make_fast_trainer<float>(parameters, adam));
    }
  }
  return all;
}

// What a step creates, on average: a longer name has more.
void count_nodes(std::vector<Compared>& all) {
  constexpr int steps = 32;
  for (Compared& compared : all) {
    for (int i = 0; i < steps; ++i) {
      compared.contender.step();
      compared.mean_nodes += static_cast<double>(compared.nodes()) / steps;
    }
  }
}

std::vector<std::string> engines(const std::vector<Compared>& all) {
  std::vector<std::string> names;
  for (const Compared& compared : all) {
    const std::string& engine = compared.contender.engine;
    if (std::find(names.begin(), names.end(), engine) == names.end()) names.push_back(engine);
  }
  return names;
}

// A line for each engine, a cell for each width and batch.
template <class Cell>
void print_table(const std::vector<Compared>& all, const std::string& head, const Cell& cell) {
  fmt::print("{:<31}", head);
  for (const int width : widths) fmt::print("{}", pad_left(fmt::format("width {}", width), 16));
  fmt::print("\n{:<31}", "");
  for (std::size_t i = 0; i < std::size(widths); ++i) fmt::print("{:>8}{:>8}", "alone", "of 16");
  fmt::print("\n");
  for (const std::string& engine : engines(all)) {
    fmt::print("{:<31}", engine);
    for (const int width : widths) {
      for (const std::size_t batch : batches) {
        std::string text = "-";
        for (const Compared& compared : all) {
          const Contender& contender = compared.contender;
          if (contender.engine == engine && contender.width == width && contender.batch == batch) {
            text = cell(compared);
          }
        }
        fmt::print("{:>8}", text);
      }
    }
    fmt::print("\n");
  }
}

void print(const std::vector<Compared>& all) {
  print_table(all, "µs a name", [](const Compared& compared) {
    return fmt::format("{:.1f}", median(compared.contender.microseconds) /
                                     static_cast<double>(compared.contender.batch));
  });
  fmt::print("\n");
  print_table(all, "nodes created in a step", [](const Compared& compared) {
    return with_commas(static_cast<std::size_t>(std::lround(compared.mean_nodes)));
  });
  fmt::print("\n{:<31}", "published, µs a name");
  for (const int width : widths) fmt::print("{}", pad_left(fmt::format("width {}", width), 16));
  fmt::print("\n");
  for (const Published& line : published) {
    fmt::print("{:<31}{:>16}{:>16}{:>16}\n", line.engine, line.figures[0], line.figures[1],
               line.figures[2]);
  }
  fmt::print("by Entrpi, who wrote EEmicroGPT, of one core of an Apple M5; not measured here\n");
}

}  // namespace

void run_compare(const Options& options) {
  const StudyNames names = read_study_names(options);
  std::vector<Compared> all = all_of(names, options.seed);
  count_nodes(all);
  std::vector<Contender> contenders;
  for (Compared& compared : all) contenders.push_back(std::move(compared.contender));
  measure_in_turn(contenders, rounds, 8, "compare", options.quiet);
  for (std::size_t i = 0; i < all.size(); ++i) all[i].contender = std::move(contenders[i]);

  print(all);
  fmt::print(
      "\nmicroGPT's variant; batch sampling, forward, backward, Adam; median of {} rounds\n"
      "in turn, thread CPU time\n{}\n{}\n",
      rounds, describe(names.corpus), machine_description());
  if (options.json.empty()) return;
  nlohmann::json rows = nlohmann::json::array();
  for (const Compared& compared : all) {
    rows.push_back(to_json(compared.contender));
    rows.back()["nodes"] = compared.mean_nodes;
  }
  write_json(options.json, measurement_json("09_fast_training", rows));
}

}  // namespace ladder
