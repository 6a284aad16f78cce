// The model as a chip computes it: what fits into its numbers, what its memories hold, and what
// each of its steps has to come out as.

#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "07_fast_inference/fixed_point/chip_files.hpp"
#include "07_fast_inference/judge/reference.hpp"
#include "common/command_line.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/machine.hpp"
#include "common/outputs.hpp"
#include "common/program.hpp"
#include "common/questions.hpp"
#include "common/results.hpp"
#include "common/shipped.hpp"

namespace ladder {
namespace {

struct FixedOptions : Options {
  std::vector<std::string> names;  // to be traced
  std::string fit, hex, trace;     // files to write, and a folder
};

void print_formats(const FixedModel& m) {
  fmt::print("{:<16} {:>8} {:>9} {:>9}\n", "weights", "numbers", "largest", "exponent");
  const int exponents[] = {m.wte.exponent, m.wpe.exponent, m.wq.exponent,
                           m.wk.exponent,  m.wv.exponent,  m.wo.exponent,
                           m.fc1.exponent, m.fc2.exponent, m.lm_head.exponent};
  const auto memories = memories_of(m);
  for (std::size_t i = 0; i < std::size(exponents); ++i) {
    int largest = 0;
    for (const int word : memories[i].words) largest = std::max(largest, std::abs(word));
    fmt::print("{:<16} {:>8} {:>9.3f} {:>9}\n", memories[i].name, memories[i].words.size(),
               std::ldexp(largest, exponents[i] - m.format.fraction), exponents[i]);
  }
  const FixedExponents& e = m.exponent;
  fmt::print(
      "\nexponents of what is computed: embedding {}, residual {}, normed {}, query {},\n"
      "key {}, value {}, hidden {}, last {}\n",
      e.embedding, e.residual, e.normed, e.query, e.key, e.value, e.hidden, e.last);
  fmt::print("{}\n", m.fits_32_bits
                         ? "no sum leaves 32 bits, in whatever order it is added up: proved"
                         : "some sum may leave 32 bits: nothing for a chip");
}

// All files or none: each is looked at before the first one is written.
void export_hex(const FixedModel& model, const std::string& folder, const FixedOptions& options) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code) throw Error(fmt::format("cannot make {}: {}", folder, code.message()));
  const auto path = [&](const std::string& name) { return folder + "/" + name; };
  const auto memories = memories_of(model);
  const std::vector<std::string> inputs = {options.weights};
  check_output(path("manifest.json"), inputs, options.force);
  for (const Memory& m : memories) check_output(path(m.name + ".hex"), inputs, options.force);
  for (const Memory& m : memories) write_file(path(m.name + ".hex"), to_hex(m));
  write_file(path("manifest.json"), manifest_of(model));
  fmt::print("{} memories and manifest.json: {}\n", memories.size(), folder);
}

void run(const FixedOptions& options) {
  // 0. What is to be traced, while nothing has been written yet.
  std::vector<Tokens> names;
  for (const std::string& name : options.names) {
    names.push_back(encode_typed("--names", name, Tokenizer::canonical(), block_size));
  }

  // 1. Weights that fit the format: the same function, with large numbers made smaller where they
  //    are produced and larger where they are used.
  const Weights weights = load_weights(options.weights);
  const MicroGpt fitted = fit_to_fixed_point(read_model(weights));
  FixedPointEngine engine(to_fixed_model(fitted));
  if (!options.quiet) {
    fmt::print("weights {}\n\n", options.weights);
    print_formats(engine.model());
    if (options.weights == shipped_weights_path()) {
      fmt::print("largest error of a golden logit: {:.1e}\n", largest_golden_error(engine));
    }
    fmt::print("\n");
  }
  if (!options.json.empty()) {
    nlohmann::json file = measurement_json("07_fixed_point", nlohmann::json::array());
    file["chip"] = nlohmann::json::parse(manifest_of(engine.model()));
    write_json(options.json, file);
  }
  if (!options.fit.empty()) {
    Weights file = to_weights(fitted);
    file.metadata = weights.metadata;
    save_weights(options.fit, file);
    fmt::print("fitted weights: {}\n", options.fit);
  }

  // 2. What a chip's memories hold.
  if (!options.hex.empty()) export_hex(engine.model(), options.hex, options);

  // 3. What its steps come out as.
  if (!options.trace.empty()) {
    write_file(options.trace, trace_of(engine, names));
    fmt::print("trace of {} name{}: {}\n", names.size(), names.size() == 1 ? "" : "s",
               options.trace);
  }
}

}  // namespace
}  // namespace ladder

int main(int argc, char** argv) {
  using ladder::Flag;
  return ladder::run_program([&] {
    ladder::FixedOptions options;
    options.weights = ladder::shipped_weights_path();
    options.names = {"emma"};
    ladder::CommandLine cli("07_fixed_point", "Stage 7: the model as a chip computes it.", options,
                            {Flag::weights});
    cli.app.add_option("--fit", options.fit,
                       "write weights of the same function that need (almost) no exponents");
    cli.app.add_option("--export-hex", options.hex,
                       "write the memories of a chip into this folder, for $readmemh");
    cli.app.add_option("--trace", options.trace, "write every step of every token to this file");
    cli.app.add_option("--names", options.names, "what --trace traces")->expected(1, 1000);
    cli.writes("--fit");
    cli.writes("--trace");
    if (!cli.parse(argc, argv)) return;
    if (cli.app.get_option("--names")->count() > 0 && options.trace.empty()) {
      throw ladder::UsageError("--names says what to trace: add --trace");
    }
    ladder::run(options);
  });
}
