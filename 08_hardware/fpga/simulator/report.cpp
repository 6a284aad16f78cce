#include "08_hardware/fpga/simulator/report.hpp"

#include <algorithm>
#include <chrono>
#include <map>

#include <fmt/format.h>

#include "08_hardware/fpga/simulator/chip_engine.hpp"
#include "common/command_line.hpp"
#include "common/error.hpp"
#include "common/outputs.hpp"
#include "common/program.hpp"
#include "common/sampling.hpp"
#include "common/shipped.hpp"

namespace ladder {
namespace {

struct ReportOptions : Options {
  bool cycles = true;
  std::string trace;
};

constexpr int engine_slots = 32;  // of a token, see rtl/timetable.sv

// What a chip wrote, and how many cycles lay between two tokens of it.
struct Writing {
  std::vector<std::uint8_t> tokens;                         // of stream 0
  std::map<std::uint64_t, int> cycles;                      // how often how many
  std::map<int, std::map<std::uint64_t, int>> of_position;  // the same by position in the name
  std::uint64_t total = 0;
  std::size_t count = 0;
};

std::size_t names_in(const std::vector<std::uint8_t>& tokens) { return names_of(tokens).size(); }

// Until stream 0 has written so many names.
Writing write(Chip& chip, const ReportOptions& options, bool interleaved) {
  ChipSettings settings;
  settings.interleaved = interleaved;
  settings.inverse_temperature = inverse_temperature_of(options.temperature);
  for (std::size_t s = 0; s < chip_streams; ++s) {
    settings.states[s] = first_random_state(options.seed, s);
  }
  chip.reset(settings);
  Writing writing;
  int positions[chip_streams] = {};
  const std::uint64_t begin = chip.cycles();
  for (std::uint64_t last = begin;
       names_in(writing.tokens) < static_cast<std::size_t>(options.samples);) {
    chip.cycle();
    if (!chip.token) continue;
    int& position = positions[chip.token->stream];
    if (writing.count > 0) {  // before the first one the pipeline fills
      ++writing.cycles[chip.cycles() - last];
      ++writing.of_position[position][chip.cycles() - last];
      writing.total += chip.cycles() - last;
    }
    last = chip.cycles();
    position = chip.token->ends ? 0 : position + 1;
    if (chip.token->stream == 0) {
      writing.tokens.push_back(static_cast<std::uint8_t>(chip.token->token));
    }
    ++writing.count;
  }
  return writing;
}

std::string spelled(const std::vector<int>& name) {
  std::string text;
  for (const int token : name) {
    if (token != bos_token) text += static_cast<char>('a' + token);
  }
  return text;
}

void print_names(const Writing& alone, const Writing& interleaved, const FixedModel& model,
                 const ReportOptions& options) {
  const auto engine = make_fixed_vectors(model);
  if (!engine) throw Error("these weights are none for the model in vectors");
  engine->start(options.seed, static_cast<float>(options.temperature));
  std::vector<std::uint8_t> tokens(alone.tokens.size());
  engine->generate(tokens);
  const bool same = tokens == alone.tokens && tokens == interleaved.tokens;
  fmt::print("{:<18} {:<18} {}\n", "chip, alone", "chip, interleaved", "C++, fixed point");
  const auto a = names_of(alone.tokens), b = names_of(interleaved.tokens), c = names_of(tokens);
  for (std::size_t i = 0; i < std::min<std::size_t>(a.size(), 10); ++i) {
    fmt::print("{:<18} {:<18} {}\n", spelled(a[i]), spelled(b[i]), spelled(c[i]));
  }
  fmt::print("{}\n\n", same ? "the same names, token for token" : "THESE DIFFER");
  if (!same) throw Error("the chip and the model in C++ write different names");
}

void print_positions(const Writing& alone, const Writing& interleaved) {
  fmt::print("cycles per token (simulated), by position in the name\n");
  fmt::print("{:>8} {:>8} {:>8} {:>12}\n", "position", "tokens", "alone", "interleaved");
  for (const auto& [position, cycles] : alone.of_position) {
    int count = 0;
    for (const auto& [_, times] : cycles) count += times;
    const auto other = interleaved.of_position.find(position);
    fmt::print("{:>8} {:>8} {:>8} {:>12}\n", position, count, cycles.rbegin()->first,
               other == interleaved.of_position.end()
                   ? "-"
                   : fmt::to_string(other->second.rbegin()->first));
  }
  fmt::print("\n");
}

void print_verdict(const char* mode, const Writing& writing) {
  const double mean = static_cast<double>(writing.total) / static_cast<double>(writing.count - 1);
  fmt::print("{}: {}; {:.0f}% of the engine's slots are used\n", mode,
             writing.cycles.size() == 1
                 ? fmt::format("every token took {} cycles", writing.cycles.begin()->first)
                 : fmt::format("{} to {} cycles a token", writing.cycles.begin()->first,
                               writing.cycles.rbegin()->first),
             100 * engine_slots / mean);
}

// How long the C++ model takes for a token on this processor, each one measured by itself.
void print_histogram(const FixedModel& model, const ReportOptions& options) {
  constexpr std::size_t tokens = 20000, bins = 8;
  const auto engine = make_fixed_vectors(model);
  engine->start(options.seed, static_cast<float>(options.temperature));
  std::vector<double> nanoseconds;
  std::vector<std::uint8_t> one(1);
  for (std::size_t i = 0; i < tokens; ++i) {
    const auto before = std::chrono::steady_clock::now();
    engine->generate(one);
    nanoseconds.push_back(
        std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - before)
            .count());
  }
  std::sort(nanoseconds.begin(), nanoseconds.end());
  const double median = nanoseconds[tokens / 2];
  fmt::print("\ntime of a token, against the median\n{:>14} {:>10} {:>12}\n", "", "chip",
             "this CPU");
  const double edges[bins + 1] = {0, 0.8, 0.95, 1.05, 1.2, 1.5, 2, 5, 1e30};
  for (std::size_t bin = 0; bin < bins; ++bin) {
    const auto from = std::lower_bound(nanoseconds.begin(), nanoseconds.end(), edges[bin] * median);
    const auto to =
        std::lower_bound(nanoseconds.begin(), nanoseconds.end(), edges[bin + 1] * median);
    const std::string name = bin + 1 == bins ? fmt::format("{} and more", edges[bin])
                                             : fmt::format("{} to {}", edges[bin], edges[bin + 1]);
    const bool median_is_here = edges[bin] < 1 && 1 < edges[bin + 1];
    fmt::print("{:>14} {:>9}% {:>11.2f}%\n", name, median_is_here ? 100 : 0,
               100.0 * static_cast<double>(to - from) / tokens);
  }
  fmt::print("(CPU: {} tokens, the call and the clock's reading in it; median {:.0f} ns)\n", tokens,
             median);
}

void run(const ReportOptions& options) {
  if (!(options.temperature > 0)) throw UsageError("--temperature must be above 0 with --cycles");
  if (options.samples < 1) throw UsageError("--samples must be 1 or more with --cycles");
  if (!options.trace.empty())
    check_output(options.trace, std::vector<std::string>{options.weights}, options.force);
  const FixedModel model =
      to_fixed_model(fit_to_fixed_point(read_model(load_weights(options.weights))));
  Chip chip(model);
  if (!options.trace.empty()) chip.trace(options.trace);
  const Writing alone = write(chip, options, false);
  const Writing interleaved = write(chip, options, true);
  print_names(alone, interleaved, model, options);
  print_positions(alone, interleaved);
  print_verdict("alone", alone);
  print_verdict("interleaved", interleaved);
  print_histogram(model, options);
  if (!options.trace.empty()) {
    fmt::print("\nsignals: {} (gtkwave FILE 08_hardware/fpga/chip.gtkw)\n", options.trace);
  }
}

}  // namespace

int report_main(int argc, char** argv) {
  return run_program([&] {
    ReportOptions options;
    options.weights = shipped_weights_path();
    options.samples = 20;
    CommandLine cli("08_fpga --cycles", "Stage 8: what the simulated chip's clock says.", options,
                    {Flag::weights, Flag::seed, Flag::samples, Flag::temperature});
    cli.app.add_flag("--cycles", options.cycles, "this report");
    cli.app.add_option("--trace", options.trace,
                       "write every signal of every cycle to this file (FST, for GTKWave)");
    cli.writes("--trace");
    if (!cli.parse(argc, argv)) return;
    run(options);
  });
}

}  // namespace ladder
