#pragma once
/// \file
/// What a reader asks a model: names to make up, and how surprised it is by names of the reader's.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/options.hpp"
#include "common/sampling.hpp"

namespace ladder {

/// --samples, --temperature, --seed, --start and --score, in the tokens of an alphabet.
struct Questions {
  int samples = 0;             ///< how many names to make up
  double temperature = 1;      ///< of the sampling; prices are always at 1
  std::uint64_t seed = 42;     ///< of the sampling
  Tokens start;                ///< what every made-up name begins with
  std::vector<Tokens> scored;  ///< names whose NLL is asked for
  int block_size = 0;          ///< the most letters a name may have
};

/// A name that a reader has typed, put into the form of a corpus.
/// \param option  for messages: where it was typed
/// \throws Error naming the letter that is not in the alphabet, or the text that is too long.
Tokens encode_typed(const char* option, const std::string& typed, const Tokenizer& tokenizer,
                    int most_letters);

/// Reads them before the training, so that a mistake costs no time.
/// \param block_size  the most letters a name may have
/// \throws Error naming the letter that is not in the alphabet, or the text that is too long.
Questions read_questions(const Options& options, const Tokenizer& tokenizer, int block_size);

/// A name a model made up, as programs print it.
struct Sample {
  std::string name;  ///< UTF-8, `start` included
  double nll;        ///< nats per predicted token under the model itself
};

/// How surprised a model is by a name.
struct Score {
  std::string name;                  ///< UTF-8
  std::vector<std::string> letters;  ///< one a prediction, the end ("·") included
  std::vector<double> nats;          ///< what each of them costs
  double nll;                        ///< their mean
};

/// What a model answers to Questions.
struct Answers {
  std::vector<Sample> samples;  ///< in the order they were drawn
  std::vector<Score> scores;    ///< in the order of Questions::scored
};

/// Draws the names and prices each at temperature 1; prices the names of --score.
Answers answer(const Questions& questions, const NextLogits& next_logits,
               const Tokenizer& tokenizer);

/// Prints the made-up names with their NLL, one a line, and the scores: letter by letter if it is
/// one name, a line each if there are many. Prints nothing for what was not asked.
void print_answers(const Answers& answers);

}  // namespace ladder
