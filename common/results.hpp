#pragma once
/// \file
/// What a training stage found out, for the reader (a few lines) and for programs (JSON).

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "common/corpus.hpp"
#include "common/options.hpp"
#include "common/questions.hpp"

namespace ladder {

/// Results of one run of a training stage. NLL is in nats per predicted character.
struct Results {
  std::string stage;              ///< directory name, for example "04_mlp"
  std::string adds;               ///< the one idea of this stage, for the table
  std::size_t parameters = 0;     ///< numbers that are learnt (of stage 01: counted)
  double train_nll = 0;           ///< of the names it learned from
  std::optional<double> val_nll;  ///< held-out protocol only
  double seconds = 0;             ///< of training
  long steps = 0;                 ///< made; fewer than asked for if interrupted
  Answers answers;                ///< to --samples and --score
  int vocab_size = 27;            ///< a model that knows nothing has an NLL of ln vocab_size
};

/// {stage, adds, corpus, protocol, parameters, nll, seconds, steps, samples, scores, seed, machine,
/// …}
nlohmann::json to_json(const Results& results, const Corpus& corpus, const Options& options);

/// Prints the results, with a word of advice if the model knows no more than one that knows
/// nothing; beside those of the stage below if --compare names them, and writes --json.
void report(const Results& results, const Corpus& corpus, const Options& options);

/// What --json wrote on another stage, as far as a comparison needs it.
struct Earlier {
  std::string stage;              ///< directory name
  std::string protocol;           ///< "corpus" or "held out"
  std::string sha256;             ///< of the corpus
  std::size_t rows = 0;           ///< of the corpus that this stage could read
  double train_nll = 0;           ///< as in Results
  std::optional<double> val_nll;  ///< as in Results
};

/// \throws Error if the file holds something else than the results of a stage.
Earlier read_earlier(const std::string& path);

/// The JSON in a file. \throws Error if there is none.
nlohmann::json read_json(const std::string& path);

/// Writes a JSON value, indented. \throws Error if it cannot all be written.
void write_json(const std::string& path, const nlohmann::json& value);

}  // namespace ladder
