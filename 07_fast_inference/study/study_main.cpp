// How few bits are enough? Weights and arithmetic of stage 7 in fewer and fewer bits.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "07_fast_inference/study/study.hpp"
#include "common/command_line.hpp"
#include "common/corpus.hpp"
#include "common/machine.hpp"
#include "common/program.hpp"
#include "common/results.hpp"
#include "common/shipped.hpp"

namespace ladder {
namespace {

void run(const Options& options) {
  const MicroGpt model = read_model(load_weights(options.weights));
  Corpus corpus = load_corpus(options.data);
  drop_longer_than(corpus, block_size - 1);
  // The split with which stage 6 trained: these names the weights have never seen.
  const auto names = Tokenizer::canonical().encode_all(corpus.rows);
  const Dataset split = split_held_out(names, options.seed);
  const auto first = std::span(names).first(std::min<std::size_t>(500, names.size()));
  const bool shipped = options.weights == shipped_weights_path();
  std::vector<TrainedWeights> trained;
  if (shipped) {
    trained = {{"int4 trained", 4, read_model(load_weights(shipped_int4_path()))},
               {"ternary trained", std::log2(3), read_model(load_weights(shipped_ternary_path()))}};
  }
  if (!options.quiet) {
    fmt::print("{}\nfirst 500 names, and {} held out (seed {})\n\n", describe(corpus),
               split.held_out.size(), options.seed);
    if (shipped && !(corpus.is_canonical() && options.seed == 42)) {
      fmt::print("the weights were trained on another split: they have seen most of these\n\n");
    }
  }

  const auto rows =
      run_study(model, shipped ? shipped_golden_path() : "", first, split.held_out, trained,
                options.seed, static_cast<float>(options.temperature), options.quiet);
  print_study(rows);
  if (!options.json.empty()) {
    nlohmann::json file = measurement_json("07_fast_inference", to_json(rows));
    file["corpus"] = {{"name", corpus.name}, {"sha256", corpus.sha256}};
    file["held_out"] = split.held_out.size();
    file["seed"] = options.seed;
    write_json(options.json, file);
  }
}

}  // namespace
}  // namespace ladder

int main(int argc, char** argv) {
  using ladder::Flag;
  return ladder::run_program([&] {
    ladder::Options options;
    options.weights = ladder::shipped_weights_path();
    ladder::CommandLine cli("07_quantization_study", "Stage 7: how few bits are enough?", options,
                            {Flag::data, Flag::seed, Flag::temperature, Flag::weights});
    if (cli.parse(argc, argv)) ladder::run(options);
  });
}
