#include "common/questions.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "common/corpus.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/terminal.hpp"

namespace ladder {
namespace {

// The names of --score, those on stdin if it is "-".
std::vector<std::string> names_to_score(const std::vector<std::string>& arguments) {
  if (arguments != std::vector<std::string>{"-"}) return arguments;
  return parse_corpus(read_standard_input(), "standard input").rows;
}

// Surprise as a bar: a letter that is no better than a guess among 27 (3.3 nats) fills 20 columns.
std::string bar(double nats) {
  std::string text;
  for (long i = std::lround(std::clamp(nats * 6, 0.0, 40.0)); i > 0; --i) text += "█";
  return text;
}

void print_letters(const Score& score) {
  fmt::print("\nhow surprised it is by '{}', letter by letter: NLL {:.4f}\n",
             shown_name(score.name), score.nll);
  for (std::size_t i = 0; i < score.nats.size(); ++i) {
    fmt::print("  {} {:>8.4f}  {}\n", pad_right(score.letters[i], 2), score.nats[i],
               bar(score.nats[i]));
  }
}

void print_table(const std::vector<Score>& scores) {
  fmt::print("\nhow surprised it is by these names: NLL of each, and its most surprising letter\n");
  double nats = 0, letters = 0;
  for (const Score& score : scores) {
    const auto worst = std::max_element(score.nats.begin(), score.nats.end());
    const auto at = static_cast<std::size_t>(worst - score.nats.begin());
    fmt::print("  {:>7.4f}  {}  {} {:.2f}\n", score.nll,
               pad_right(shortened(shown_name(score.name), 30), 20),
               pad_right(score.letters[at], 2), *worst);
    nats += std::accumulate(score.nats.begin(), score.nats.end(), 0.0);
    letters += static_cast<double>(score.nats.size());
  }
  fmt::print("  {:>7.4f}  all of them together\n", nats / letters);
}

}  // namespace

Tokens encode_typed(const char* option, const std::string& typed, const Tokenizer& tokenizer,
                    int most_letters) {
  Tokens tokens;
  try {
    tokens = tokenizer.encode(tidy_name(typed));
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", option, error.what()));
  }
  if (std::ssize(tokens) > most_letters) {
    throw Error(fmt::format("{}: '{}' has {} letters, and this model takes {} at most", option,
                            typed, tokens.size(), most_letters));
  }
  return tokens;
}

Questions read_questions(const Options& options, const Tokenizer& tokenizer, int block_size) {
  Questions questions{.samples = options.samples,
                      .temperature = options.temperature,
                      .seed = options.seed,
                      // A letter at least is left for the model to add.
                      .start = encode_typed("--start", options.start, tokenizer, block_size - 1),
                      .scored = {},
                      .block_size = block_size};
  for (const std::string& name : names_to_score(options.score)) {
    questions.scored.push_back(encode_typed("--score", name, tokenizer, block_size));
  }
  return questions;
}

Answers answer(const Questions& questions, const NextLogits& next_logits,
               const Tokenizer& tokenizer) {
  Answers answers;
  const int bos = tokenizer.bos(), block_size = questions.block_size;
  Xorshift32 random(questions.seed);
  for (int i = 0; i < questions.samples; ++i) {
    const Tokens name =
        sample_name(next_logits, bos, block_size, questions.temperature, random, questions.start);
    answers.samples.push_back(
        {tokenizer.decode(name), name_nll(next_logits, name, bos, block_size)});
  }
  for (const Tokens& name : questions.scored) {
    Score score{tokenizer.decode(name), {}, token_nlls(next_logits, name, bos, block_size), 0};
    for (std::size_t i = 0; i < score.nats.size(); ++i) {
      score.letters.push_back(tokenizer.symbol(i < name.size() ? name[i] : bos));
    }
    score.nll = std::accumulate(score.nats.begin(), score.nats.end(), 0.0) /
                static_cast<double>(score.nats.size());
    answers.scores.push_back(std::move(score));
  }
  return answers;
}

void print_answers(const Answers& answers) {
  if (!answers.samples.empty()) {
    fmt::print("\nnames it made up, and the NLL it gives them\n");
    for (const Sample& sample : answers.samples) {
      fmt::print("  {:.2f}  {}\n", sample.nll, shown_name(sample.name));
    }
  }
  if (answers.scores.size() == 1) print_letters(answers.scores.front());
  if (answers.scores.size() > 1) print_table(answers.scores);
}

}  // namespace ladder
