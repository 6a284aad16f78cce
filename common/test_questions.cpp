#include <cmath>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "common/error.hpp"
#include "common/questions.hpp"
#include "common/test_support.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;

namespace {

// Logits that depend on how many letters there are already.
std::vector<double> some_model(std::span<const int> so_far) {
  std::vector<double> logits;
  for (int i = 0; i < 27; ++i) {
    logits.push_back(std::sin(i * (1.0 + static_cast<double>(so_far.size()))));
  }
  return logits;
}

Answers ask(const Options& options) {
  const Tokenizer tokenizer = Tokenizer::canonical();
  return answer(read_questions(options, tokenizer, 16), some_model, tokenizer);
}

std::string complaint(const std::string& start, const std::vector<std::string>& score) {
  Options options;
  options.start = start;
  options.score = score;
  return message_of<Error>([&] { read_questions(options, Tokenizer::canonical(), 16); });
}

std::string names_of(const Answers& answers) {
  std::string names;
  for (const Sample& sample : answers.samples) names += sample.name + " ";
  return names;
}

}  // namespace

TEST_CASE("the same seed draws the same names, priced without regard to the temperature") {
  const Tokenizer tokenizer = Tokenizer::canonical();
  Options options;
  options.samples = 20;
  options.temperature = 0.7;
  const Answers answers = ask(options);
  REQUIRE(answers.samples.size() == 20);
  for (const Sample& sample : answers.samples) {
    CHECK(sample.nll == name_nll(some_model, tokenizer.encode(sample.name), 26, 16));
  }
  CHECK(names_of(ask(options)) == names_of(answers));
  options.seed = 43;
  CHECK(names_of(ask(options)) != names_of(answers));
  options.seed = std::uint64_t{42} + (std::uint64_t{1} << 32);
  CHECK(names_of(ask(options)) != names_of(answers));
}

TEST_CASE("at temperature 0 every seed gives the same name") {
  Options options;
  options.temperature = 0;
  const std::string names = names_of(ask(options));
  options.seed = 43;
  CHECK(names_of(ask(options)) == names);
}

TEST_CASE("made-up names begin as asked, in the corpus's own letters") {
  Options options;
  options.start = " MA";
  for (const Sample& sample : ask(options).samples) CHECK(sample.name.starts_with("ma"));
}

TEST_CASE("names are scored letter by letter, the end included") {
  Options options;
  options.score = {"Emma", "ava"};
  const Answers answers = ask(options);
  REQUIRE(answers.scores.size() == 2);
  const Score& emma = answers.scores[0];
  CHECK(emma.name == "emma");
  CHECK(emma.letters == std::vector<std::string>{"e", "m", "m", "a", "·"});
  REQUIRE(emma.nats.size() == 5);
  double sum = 0;
  for (const double nats : emma.nats) sum += nats;
  CHECK_THAT(emma.nll, WithinRel(sum / 5, 1e-14));
  double total = 0;
  const auto logits = some_model({});
  for (const double logit : logits) total += std::exp(logit);
  CHECK_THAT(emma.nats[0], WithinRel(std::log(total) - logits[4], 1e-12));
}

TEST_CASE("what cannot be begun with or scored is one line that names it") {
  CHECK(complaint("", {}).empty());
  CHECK_THAT(complaint("mø", {}), ContainsSubstring("--start") && ContainsSubstring("'ø'"));
  CHECK_THAT(complaint("", {"emma", "o'neil"}),
             ContainsSubstring("--score") && ContainsSubstring("'''"));
  CHECK_THAT(complaint("\xFF", {}), ContainsSubstring("UTF-8"));
  CHECK(complaint(std::string(15, 'a'), {}).empty());
  CHECK_THAT(complaint(std::string(16, 'a'), {}), ContainsSubstring("16 letters"));
  CHECK(complaint("", {std::string(16, 'a')}).empty());
  CHECK_THAT(complaint("", {std::string(17, 'a')}), ContainsSubstring("17 letters"));
}
