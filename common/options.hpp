#pragma once
/// \file
/// What the programs of the ladder can be asked for.

#include <cstdint>
#include <string>
#include <vector>

#include "common/dataset.hpp"

namespace ladder {

/// What the reader asked for. A program sets its own defaults before parsing.
struct Options {
  std::string data;                ///< --data: a corpus; empty means load_corpus() chooses
  bool held_out = false;           ///< --held-out / --corpus: which protocol (see Dataset)
  std::uint64_t seed = 42;         ///< --seed
  long steps = 0;                  ///< --steps
  int samples = 10;                ///< --samples: names to make up
  double temperature = 1.0;        ///< --temperature; 0: the most likely letter each time
  std::string start;               ///< --start: what every made-up name begins with
  std::vector<std::string> score;  ///< --score: names whose NLL is asked for; "-" reads stdin
  std::string weights;             ///< --weights: safetensors file
  std::string json;                ///< --json: results
  std::string compare;             ///< --compare: the results of the stage below
  bool force = false;              ///< --force: replace files that the ladder did not write
  bool quiet = false;              ///< --quiet: no progress bar, results only
};

/// The names split as `options` asks.
Dataset make_dataset(const Options& options, std::vector<Tokens> names);

}  // namespace ladder
