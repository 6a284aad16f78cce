// The session that a browser runs, compiled for this machine: its steps are the program's.

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "09_fast_training/trainer.hpp"
#include "09_fast_training/wasm/session.hpp"
#include "common/corpus.hpp"
#include "common/files.hpp"
#include "common/shipped.hpp"
#include "common/utf8.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string builtin_bytes() { return read_file(data_path("common/data/ssa2018.txt")); }

Dataset builtin_split(std::uint64_t seed) {
  Corpus corpus = builtin_corpus();
  drop_longer_than(corpus, 15);
  return split_held_out(Tokenizer(corpus.rows).encode_all(corpus.rows), seed);
}

// The program's trainer of microgpt.py's variant, in the same vectors.
std::unique_ptr<Trainer> program_trainer(std::uint64_t seed) {
  return make_fast_trainer<float>(draw_parameters({16, 27, false}, Random(seed)),
                                  {.adam = true, .options = microgpt_adam}, vector_names().front());
}

Session builtin_session(std::uint64_t seed, const Pace& pace) {
  Session session(plain_vectors_float(16));
  REQUIRE(session.set_names(builtin_bytes()));
  REQUIRE(session.restart(seed, pace, microgpt_adam));
  return session;
}

std::string fault_of(std::string_view bytes) {
  WordList words;
  Sentence fault;
  CHECK_FALSE(parse_words(bytes, words, fault));
  CHECK(words.names.empty());
  return fault.text();
}

}  // namespace

TEST_CASE("a session takes the program's steps, number for number, and may change its pace") {
  constexpr std::uint64_t seed = 42;
  Session session = builtin_session(seed, {.lr = 0.01, .batch_size = 16, .steps = 100});
  const Dataset dataset = builtin_split(seed);
  CHECK(session.dataset().train == dataset.train);
  CHECK(session.dataset().held_out == dataset.held_out);
  const auto trainer = program_trainer(seed);
  Batches one_by_one(dataset.train, 1, seed);
  const auto expected = [&](std::size_t names, double lr) {
    std::vector<const Tokens*> batch;
    while (batch.size() < names) batch.push_back(one_by_one.next().front());
    return trainer->step(batch, lr);
  };
  for (int i = 0; i < 50; ++i) {
    REQUIRE(session.step() == StepResult::made);
    REQUIRE(session.loss() == expected(16, 0.01 * (1 - i / 100.0)));
  }
  REQUIRE(session.set_pace({.lr = 0.02, .batch_size = 5, .steps = 60, .merge = true}));
  trainer->packing = Packing::merged;
  for (int i = 50; i < 60; ++i) {
    REQUIRE(session.step() == StepResult::made);
    REQUIRE(session.loss() == expected(5, 0.02 * (1 - i / 60.0)));
  }
  CHECK(session.step() == StepResult::finished);
  CHECK(session.steps() == 60);
  CHECK(std::abs(session.held_out_nll() - trainer->nll(dataset.held_out)) < 1e-6);

  Xorshift32 random(7), same(7);
  for (const double temperature : {0.0, 0.5, 1.0}) {
    for (const Tokens& start : {Tokens{}, Tokens{12, 0}}) {
      Tokens name = start;
      REQUIRE(session.sample(temperature, random, name));
      CHECK(name == sample_name(trainer->next_logits(), 26, 16, temperature, same, start));
    }
  }
}

TEST_CASE("a session begins anew from weights, and refuses those that are none") {
  Session session = builtin_session(1, {.steps = 10});
  const std::vector<float> first(session.model().parameters().data(),
                                 session.model().parameters().data() + 4192);
  std::vector<double> losses;
  while (session.step() == StepResult::made) losses.push_back(session.loss());
  CHECK(losses.size() == 10);
  CHECK_FALSE(session.set_weights(first.data(), first.size() - 1));
  std::vector<float> broken = first;
  broken.back() = NAN;
  CHECK_FALSE(session.set_weights(broken.data(), broken.size()));
  CHECK(session.steps() == 10);  // nothing has changed
  REQUIRE(session.set_weights(first.data(), first.size()));
  CHECK(session.steps() == 0);
  CHECK(session.model().mean().data()[100] == 0);
  CHECK(session.step() == StepResult::made);
  REQUIRE(session.restart(1, {.steps = 10}, microgpt_adam));
  for (const double loss : losses) {
    CHECK(session.step() == StepResult::made);
    CHECK(session.loss() == loss);
  }
}

TEST_CASE("a session stops at the step at which it diverges") {
  Session session = builtin_session(42, {.lr = 1000, .steps = 1000});
  StepResult result = session.step();
  while (result == StepResult::made) result = session.step();
  CHECK(result == StepResult::diverged);
  const long at = session.steps();
  CHECK(at < 1000);
  CHECK(session.step() == StepResult::finished);
  CHECK(session.steps() == at);
  REQUIRE(session.restart(42, {}, microgpt_adam));
  CHECK(session.step() == StepResult::made);
}

TEST_CASE("a word list is the corpus that the programs read") {
  for (const std::string& bytes :
       {builtin_bytes(),
        std::string("\xEF\xBB\xBF"
                    "Emma\r\n\r\n  Noah \rava\n\tMia\t\nzo\xC3\xAB\n"),
        std::string("\xCE\xB1\xCE\xB2\n\xD0\xB0\nabcdefghijklmno\nabcdefghijklmnop")}) {
    WordList words;
    Sentence fault;
    REQUIRE(parse_words(bytes, words, fault));
    Corpus corpus = parse_corpus(bytes, "test");
    drop_longer_than(corpus, 15);
    const Tokenizer tokenizer(corpus.rows);
    CHECK(words.names == tokenizer.encode_all(corpus.rows));
    CHECK(static_cast<int>(words.letters.size()) == tokenizer.bos());
    CHECK(words.too_long == corpus.too_long);
  }
}

TEST_CASE("a file that is no word list is one sentence, with the line") {
  CHECK_THAT(fault_of(""), ContainsSubstring("holds no names"));
  CHECK_THAT(fault_of(" \n\r\n"), ContainsSubstring("holds no names"));
  CHECK_THAT(fault_of({"emma\na\0b\n", 9}), ContainsSubstring("line 2: a NUL byte"));
  CHECK_THAT(fault_of("emma\r\nava\r\n\xFF\xFE\r\n"), ContainsSubstring("line 3: not valid UTF-8"));
  CHECK_THAT(fault_of("emma\tf\t3"), ContainsSubstring("line 1: a tab or other control character"));
  CHECK_THAT(fault_of(std::string(2'000'000, 'a')), ContainsSubstring("longer than a MiB"));
  CHECK_THAT(fault_of(std::string(17 << 20, 'a')), ContainsSubstring("17 MiB and 16 is the most"));
  CHECK_THAT(fault_of("abcdefghijklmnop\n"), ContainsSubstring("more than 15 letters"));
  std::string many;
  for (int i = 0; i < 300; ++i)
    many += encode_utf8(std::u32string(1, static_cast<char32_t>(0x4E00 + i))) + "\n";
  CHECK_THAT(fault_of(many), ContainsSubstring("300 different symbols and 255 is the most"));

  Session session = builtin_session(3, {});
  CHECK(session.step() == StepResult::made);
  const double nll = session.held_out_nll();
  CHECK_FALSE(session.set_names("a\nb\nc\nc\n"));
  CHECK_THAT(session.error(), ContainsSubstring("3 different names are too few"));
  CHECK(session.held_out_nll() == nll);
  CHECK(session.step() == StepResult::made);
}

TEST_CASE("a sentence has numbers, and an end") {
  Sentence sentence;
  sentence << "line " << std::size_t{0} << ", " << std::size_t{1234567890123};
  CHECK(std::string(sentence.text()) == "line 0, 1234567890123");
  for (int i = 0; i < 100; ++i) sentence << "too long";
  CHECK(std::string_view(sentence.text()).size() == 255);
  CHECK(std::string_view(sentence.clear().text()).empty());
}
