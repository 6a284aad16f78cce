#include "09_fast_training/study/diary.hpp"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "09_fast_training/contender.hpp"
#include "09_fast_training/study/names.hpp"
#include "common/machine.hpp"
#include "common/results.hpp"
#include "common/terminal.hpp"
#include "common/timing.hpp"

namespace ladder {
namespace {

constexpr std::size_t columns = 80;
constexpr std::size_t step_batch = 16;

// Turns setups into contenders, each with its floor.
class Stable {
 public:
  explicit Stable(const Options& options)
      : options_(options), names_(read_study_names(options)), peak_(measure_peak_flops()) {}

  void add(const std::string& engine, const Setup& setup) {
    const GptShape shape = {16, names_.tokenizer.vocab_size(), false};
    const GptParameters parameters = draw_parameters(shape, Random(options_.seed));
    const OptimizerOptions adam = {.adam = true, .options = microgpt_adam};
    contenders.push_back(training_contender(engine, setup.trainer(parameters, adam), names_.names,
                                            setup.batch, options_.seed, setup.packing));
    // Rows of padding need not be computed.
    const Packing needed = setup.packing == Packing::padded ? Packing::names : setup.packing;
    contenders.back().floor =
        floor_us(shape, mean_rows(names_.names, setup.batch, needed, options_.seed), peak_);
  }

  std::string description(int rounds) const {
    return fmt::format(
        "µs for 16 names; width 16, microGPT's variant, float\n"
        "batch sampling, forward, backward, Adam; median of {} rounds in turn, thread CPU\n"
        "time; peak of one core {:.0f} GFLOP/s\n{}\n{}",
        rounds, peak_ * 1e-9, describe(names_.corpus), machine_description());
  }

  std::vector<Contender> contenders;

 private:
  const Options& options_;
  StudyNames names_;
  double peak_;
};

// µs for as many names as a step of the diary has.
double microseconds(const Contender& contender) {
  return median(contender.microseconds) * double{step_batch} / static_cast<double>(contender.batch);
}

// Words in lines of at most 80 columns, each after the first indented as far as `label` is wide.
void print_paragraph(const std::string& label, const std::string& text) {
  std::istringstream words(text);
  std::string line = label, word;
  const std::size_t indent = display_width(label);
  bool first = true;
  while (words >> word) {
    if (display_width(line) + 1 + display_width(word) > columns && !first) {
      fmt::print("{}\n", line);
      line = std::string(indent, ' ');
      first = true;
    }
    line += (first ? "" : " ") + word;
    first = false;
  }
  fmt::print("{}\n", line);
}

void print_reasons(const std::string& expected, const std::string& taught) {
  print_paragraph("    expected  ", expected);
  print_paragraph("    taught    ", taught);
}

void print_steps(const std::vector<DiaryStep>& steps, const std::vector<Contender>& measured) {
  fmt::print("{:<50} {:>9} {:>8} {:>8}\n", "step", "µs a step", "faster", "in all");
  std::size_t next = 0, number = 0;
  for (const DiaryStep& step : steps) {
    const std::string name = fmt::format("{:>2}  {}", ++number, step.name);
    if (!step.setup.trainer) {
      fmt::print("{:<50} {:>9} {:>8} {:>8}\n", name, "-", "-", "-");
    } else {
      const double us = microseconds(measured[next]);
      const double before = microseconds(measured[next == 0 ? 0 : next - 1]);
      fmt::print("{} {:>9.1f} {:>7.2f}x {:>7.1f}x\n", pad_right(name, 50), us, before / us,
                 microseconds(measured[0]) / us);
      ++next;
    }
    print_reasons(step.expected, step.taught);
  }
}

// Each tried one stands before what it is held against.
void print_experiment(const Experiment& experiment, const Contender* pair) {
  const double tried = microseconds(pair[0]), instead = microseconds(pair[1]);
  const double ratio = tried / instead;
  fmt::print("{} {:>8.1f} {:>8.1f} {:>6.2f}x {:>5}\n",
             pad_right(fmt::format("{}: {}", experiment.key, experiment.name), 47), tried, instead,
             ratio,
             ratio > 1.03   ? "lost"
             : ratio < 0.97 ? "won"
                            : "even");
  print_reasons(experiment.expected, experiment.taught);
}

void print_experiments_head() {
  fmt::print("{:<47} {:>8} {:>8} {:>7}\n", "tried (--experiment NAME for one alone)", "µs tried",
             "instead", "slower");
}

void add(Stable& stable, const Experiment& experiment) {
  stable.add(experiment.key + ": " + experiment.name, experiment.tried);
  stable.add(experiment.key + ": instead", experiment.instead);
}

void write(const Options& options, const std::vector<Contender>& contenders) {
  if (options.json.empty()) return;
  nlohmann::json rows = nlohmann::json::array();
  for (const Contender& contender : contenders) rows.push_back(to_json(contender));
  write_json(options.json, measurement_json("09_fast_training", rows));
}

}  // namespace

void run_diary(const Options& options) {
  constexpr int rounds = 31;
  Stable stable(options);
  const auto steps = diary_steps();
  for (const DiaryStep& step : steps) {
    if (step.setup.trainer) stable.add(step.name, step.setup);
  }
  const std::size_t first_experiment = stable.contenders.size();
  const auto tried = experiments();
  for (const Experiment& experiment : tried) add(stable, experiment);
  measure_in_turn(stable.contenders, rounds, 8, "diary", options.quiet);

  print_steps(steps, stable.contenders);
  fmt::print("\n");
  print_experiments_head();
  for (std::size_t i = 0; i < tried.size(); ++i) {
    print_experiment(tried[i], &stable.contenders[first_experiment + 2 * i]);
  }
  fmt::print("\n{}\n", stable.description(rounds));
  write(options, stable.contenders);
}

void run_experiment(const Options& options, const std::string& key) {
  constexpr int rounds = 41;
  const auto all = experiments();
  const Experiment& experiment = *std::find_if(
      all.begin(), all.end(), [&](const Experiment& candidate) { return candidate.key == key; });
  Stable stable(options);
  add(stable, experiment);
  measure_in_turn(stable.contenders, rounds, 20, key, options.quiet);
  print_experiments_head();
  print_experiment(experiment, stable.contenders.data());
  fmt::print("\n{}\n", stable.description(rounds));
  write(options, stable.contenders);
}

std::vector<std::string> experiment_names() {
  std::vector<std::string> names;
  for (const Experiment& experiment : experiments()) names.push_back(experiment.key);
  return names;
}

}  // namespace ladder
