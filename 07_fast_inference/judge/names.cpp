#include "07_fast_inference/judge/names.hpp"

#include <algorithm>

#include "common/corpus.hpp"
#include "common/terminal.hpp"

namespace ladder {

NextLogits next_logits_of(Engine& engine) {
  return [&engine, read = Tokens(), last = Logits()](std::span<const int> so_far) mutable {
    // `read` begins with BOS: it is as long as `so_far` if that has one letter more.
    const bool goes_on = !read.empty() && read.size() == so_far.size() &&
                         std::equal(read.begin() + 1, read.end(), so_far.begin());
    if (!goes_on) {
      read = {bos_token};
      last = engine.logits(bos_token, 0);
    }
    while (read.size() <= so_far.size()) {
      const int token = so_far[read.size() - 1];
      last = engine.logits(token, static_cast<int>(read.size()));
      read.push_back(token);
    }
    return std::vector<double>(last.begin(), last.end());
  };
}

std::vector<std::uint8_t> write_tokens(Engine& engine, const Questions& questions,
                                       std::size_t count) {
  // A step at a time, so that no more is written than is asked for.
  std::vector<std::uint8_t> step(static_cast<std::size_t>(engine.streams())), tokens;
  engine.start(questions.seed, static_cast<float>(questions.temperature), 0, questions.start);
  for (std::size_t names = 0, letters = 0; names < count; tokens.push_back(step[0])) {
    engine.generate(step);
    letters = step[0] == bos_token ? 0 : letters + 1;
    if (letters % block_size == 0) ++names;
  }
  return tokens;
}

Answers ask(Engine& engine, const Questions& questions) {
  const Tokenizer tokenizer = Tokenizer::canonical();
  const auto tokens = write_tokens(engine, questions, static_cast<std::size_t>(questions.samples));
  // The engine's names; for the prices it is a model as any other.
  Questions prices = questions;
  prices.samples = 0;
  const NextLogits next_logits = next_logits_of(engine);
  Answers answers = answer(prices, next_logits, tokenizer);
  for (const Tokens& name : names_of(tokens)) {
    answers.samples.push_back(
        {tokenizer.decode(name), name_nll(next_logits, name, bos_token, block_size)});
  }
  return answers;
}

std::string fitting_names(std::span<const std::string> names, std::size_t columns) {
  std::string line;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string next = (i > 0 ? " " : "") + shown_name(names[i]);
    const std::size_t room_for_more = i + 1 < names.size() ? 2 : 0;
    if (display_width(line) + display_width(next) + room_for_more > columns) return line + " …";
    line += next;
  }
  return line;
}

}  // namespace ladder
