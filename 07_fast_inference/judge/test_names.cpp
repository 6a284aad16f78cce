// What a reader asks an engine: the most likely names, names with a beginning, prices.
#include <algorithm>
#include <cmath>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "06_gpt_adam/gpt_weights.hpp"
#include "07_fast_inference/engines.hpp"
#include "07_fast_inference/fixed_point/q4_12.hpp"
#include "07_fast_inference/judge/names.hpp"
#include "07_fast_inference/judge/reference.hpp"
#include "07_fast_inference/test_golden.hpp"
#include "common/shipped.hpp"

using namespace ladder;
using Catch::Matchers::WithinAbs;

namespace {

const EngineKind& each_engine() {
  return engines_and_widths()[GENERATE(range(std::size_t{0}, engines_and_widths().size()))];
}

// The tokens of one stream, by the largest of the logits that the engine itself gives.
std::vector<std::uint8_t> most_likely_tokens(Engine& engine, std::size_t steps) {
  std::vector<std::uint8_t> tokens;
  Place place;
  while (tokens.size() < steps) {
    const Logits logits = engine.logits(place.token, place.position);
    const auto largest = std::max_element(logits.begin(), logits.end());  // the first of several
    tokens.push_back(static_cast<std::uint8_t>(largest - logits.begin()));
    place = next_place(place, tokens.back());
  }
  return tokens;
}

void check_greedy(const EngineKind& kind, const MicroGpt& model) {
  const auto engine = kind.make(model), judge = kind.make(model);
  const auto n = static_cast<std::size_t>(engine->streams());
  const auto expected = most_likely_tokens(*judge, 40);
  for (const std::uint64_t seed : {1, 2}) {
    std::vector<std::uint8_t> tokens(40 * n);
    engine->start(seed, 0);
    engine->generate(tokens);
    for (std::size_t i = 0; i < tokens.size(); ++i) REQUIRE(tokens[i] == expected[i / n]);
  }
}

Questions questions_about(const std::string& start, const std::vector<std::string>& scored = {}) {
  return {.samples = 20,
          .temperature = 0.8,
          .seed = 9,
          .start = Tokenizer::canonical().encode(start),
          .scored = Tokenizer::canonical().encode_all(scored),
          .block_size = block_size};
}

std::vector<std::string> names_in(const Answers& answers) {
  std::vector<std::string> names;
  for (const Sample& sample : answers.samples) names.push_back(sample.name);
  return names;
}

}  // namespace

TEST_CASE("temperature 0 takes the largest logit, of every engine and from any seed") {
  const EngineKind& kind = each_engine();
  INFO(kind.name);
  check_greedy(kind, shipped_model());
  for (const unsigned seed : {1u, 2u, 3u}) check_greedy(kind, random_model(seed, 0.3f));
  const MicroGpt final_norm = random_model(4, 0.3f, true);
  if (kind.runs(final_norm)) check_greedy(kind, final_norm);
}

TEST_CASE("of logits that are all the same the first token is taken") {
  const EngineKind& kind = each_engine();
  INFO(kind.name);
  const auto engine = kind.make(random_model(1, 0));
  const auto n = static_cast<std::size_t>(engine->streams());
  std::vector<std::uint8_t> tokens(20 * n, bos_token);
  engine->start(1, 0);
  engine->generate(tokens);
  for (const int token : tokens) REQUIRE(token == 0);
}

TEST_CASE("every fp32 engine's most likely names are those of tape") {
  // The two largest logits are never closer than 0.02 here, and every engine is within 1e-5.
  const MicroGpt model = random_model(4, 0.3f);
  const auto expected = most_likely_tokens(*make_tape(model), 100);
  for (const EngineKind& kind : engines_and_widths()) {
    if (kind.precision != "fp32") continue;
    INFO(kind.name);
    CHECK(most_likely_tokens(*kind.make(model), 100) == expected);
  }
}

TEST_CASE("q4_12 compares integers, where floats would be equal") {
  MicroGpt model{};
  // x is (4, 2^-10, 0, …) as the head reads it: 16384 and 4 of 2^-12 each.
  model.wte[bos_token][0] = 1;
  model.wte[bos_token][1] = 0x1p-12f;
  model.lm_head[3][0] = model.lm_head[5][0] = 7.9f;
  const auto first_token = [&] {
    FixedPointEngine engine(model);
    const auto sums = engine.sums({});
    const Logits logits = engine.logits(bos_token, 0);
    REQUIRE(sums[3] > 1 << 28);
    REQUIRE(logits[3] == logits[5]);
    std::vector<std::uint8_t> tokens(1);
    engine.start(1, 0);
    engine.generate(tokens);
    return std::pair{sums[5] - sums[3], int{tokens[0]}};
  };
  CHECK(first_token() == std::pair{0, 3});
  model.lm_head[5][1] = 0x1p-12f;
  CHECK(first_token() == std::pair{4, 5});
}

TEST_CASE("q4_12 draws by its integers after a beginning too") {
  FixedPointEngine engine(shipped_model()), judge(shipped_model());
  const Tokens start = {12};
  std::vector<std::uint8_t> tokens(300);
  engine.start(9, 0.8f, 0, start);
  engine.generate(tokens);
  judge.start(9, 0.8f);
  std::uint32_t random = first_random_state(9);
  Place place;
  for (const int token : tokens) {
    const auto sums = judge.sums(place);
    if (place.position == 0) {
      REQUIRE(token == 12);  // and no random number was drawn for it
    } else {
      next_uniform(random);
      REQUIRE(token == judge.draw(sums, random));
    }
    place = next_place(place, token);
  }
}

TEST_CASE("names with a beginning are stage 06's, in every engine") {
  const EngineKind& kind = each_engine();
  const std::string start = GENERATE("m", "ma", "abcdefghijklmno");
  INFO(kind.name << ", beginning with " << start);
  const auto engine = kind.make(shipped_model());
  const Questions questions = questions_about(start);
  const auto names = names_in(ask(*engine, questions));
  REQUIRE(names.size() == 20);
  for (const std::string& name : names) CHECK(name.starts_with(start));
  if (kind.allowed_error > 1e-4) return;  // fewer bits draw other letters now and then
  // None of these draws lies within 4e-4 of a border: rounding, some 1e-6, decides nothing.
  Gpt gpt = gpt_from_weights(load_weights(shipped_weights_path()));
  CHECK(names == names_in(answer(questions, gpt.next_logits(), Tokenizer::canonical())));
}

TEST_CASE("from one seed every fp32 engine writes stage 06's names, with gains and without") {
  const bool gains = GENERATE(false, true);
  const Weights weights = gains ? weights_with_gains(5, 0.3f) : to_weights(random_model(5, 0.3f));
  Gpt gpt = gpt_from_weights(weights);
  Questions questions = questions_about("");
  questions.samples = 100;
  const auto expected = names_in(answer(questions, gpt.next_logits(), Tokenizer::canonical()));
  REQUIRE(expected.size() == 100);
  for (const EngineKind& kind : engines_and_widths()) {
    if (kind.precision != "fp32" && kind.precision != "fp64") continue;
    INFO(kind.name << (gains ? ", with gains" : ""));
    CHECK(names_in(ask(*kind.make(read_model(weights)), questions)) == expected);
  }
}

TEST_CASE("a beginning leaves the other streams' names as different as they were") {
  const auto engine = make_streams(shipped_model());
  const auto n = static_cast<std::size_t>(engine->streams());
  std::vector<std::uint8_t> tokens(100 * n);
  const Tokens start = {12, 0};
  engine->start(5, 1, 0, start);
  engine->generate(tokens);
  const auto judge = make_loops(shipped_model());
  for (std::size_t stream = 0; stream < n; ++stream) {
    std::vector<std::uint8_t> expected(100);
    judge->start(5, 1, stream, start);
    judge->generate(expected);
    CAPTURE(stream);
    for (std::size_t i = 0; i < 100; ++i) REQUIRE(tokens[i * n + stream] == expected[i]);
  }
  // The next start() forgets it.
  engine->start(5, 1);
  engine->generate(tokens);
  std::size_t begin_with_m = 0;
  for (std::size_t stream = 0; stream < n; ++stream) begin_with_m += tokens[stream] == 12;
  CHECK(begin_with_m < n / 2);
}

TEST_CASE("every engine prices names as the reference does") {
  const EngineKind& kind = each_engine();
  INFO(kind.name);
  const auto engine = kind.make(shipped_model());
  const std::vector<std::string> scored = {"emma", "", "abcdefghijklmnop", "emma"};
  const Answers answers = ask(*engine, questions_about("", scored));
  Gpt gpt = gpt_from_weights(load_weights(shipped_weights_path()));
  const Answers expected =
      answer(questions_about("", scored), gpt.next_logits(), Tokenizer::canonical());
  REQUIRE(answers.scores.size() == scored.size());
  for (std::size_t i = 0; i < scored.size(); ++i) {
    CAPTURE(scored[i]);
    CHECK(answers.scores[i].name == scored[i]);
    CHECK(answers.scores[i].letters == expected.scores[i].letters);
    REQUIRE(answers.scores[i].nats.size() == std::min(scored[i].size() + 1, std::size_t{16}));
    for (std::size_t j = 0; j < answers.scores[i].nats.size(); ++j) {
      // A price is a difference of logits, or nearly.
      CHECK_THAT(answers.scores[i].nats[j],
                 WithinAbs(expected.scores[i].nats[j], 2 * kind.allowed_error));
    }
  }
  CHECK(answers.scores[0].nats == answers.scores[3].nats);
  // The price of a made-up name is asked the same way.
  const Sample& sample = answers.samples.front();
  const Answers again = ask(*engine, questions_about("", {sample.name}));
  CHECK(again.scores.front().nll == sample.nll);
}

TEST_CASE("logits come in any order of questions") {
  const auto engine = make_columns(shipped_model());
  const NextLogits next_logits = next_logits_of(*engine);
  Gpt gpt = gpt_from_weights(load_weights(shipped_weights_path()));
  const NextLogits judge = gpt.next_logits();
  // Longer by one, by two, shorter, the same again, another beginning of the same length.
  for (const Tokens& so_far : {Tokens{4},
                               Tokens{4, 12},
                               Tokens{4, 12, 12, 0},
                               Tokens{4, 12},
                               {},
                               {},
                               Tokens{0},
                               Tokens{1},
                               Tokens{2, 3},
                               Tokens{4, 3, 5}}) {
    const auto logits = next_logits(so_far), expected = judge(so_far);
    REQUIRE(logits.size() == expected.size());
    for (std::size_t i = 0; i < logits.size(); ++i) {
      REQUIRE_THAT(logits[i], WithinAbs(expected[i], 1e-4));
    }
  }
}

TEST_CASE("as many names as fit") {
  const std::vector<std::string> names = {"anna", "", "bob"};
  CHECK(fitting_names(names, 80) == "anna · bob");
  CHECK(fitting_names(names, 10) == "anna · bob");
  CHECK(fitting_names(names, 9) == "anna · …");
  CHECK(fitting_names(names, 7) == "anna …");
  CHECK(fitting_names(std::span(names).first(1), 4) == "anna");
  CHECK(fitting_names({}, 4).empty());
}

namespace {

// The reference, but for one logit at one place.
class Faulty : public Engine {
 public:
  Faulty(const MicroGpt& model, float fault) : reference_(model), fault_(fault) {}
  void forward(std::span<const Place> places, std::span<float> logits) override {
    const auto exact = reference_.logits(places[0].token, places[0].position);
    for (std::size_t i = 0; i < vocab_size; ++i) logits[i] = static_cast<float>(exact[i]);
    if (places[0].position == 2) logits[7] += fault_;
  }

 private:
  Reference reference_;
  float fault_;
};

}  // namespace

TEST_CASE("a judge keeps a NaN, wherever it stands") {
  const MicroGpt model = shipped_model();
  const auto names = corpus_names(20);
  for (const float fault : {0.0f, 0.5f, std::nanf("")}) {
    CAPTURE(fault);
    Faulty engine(model, fault);
    for (const double error : {largest_golden_error(engine), largest_error(engine, model, names)}) {
      CHECK((error < 1e-5) == (fault == 0));
      CHECK(std::isnan(error) == std::isnan(fault));
    }
  }
}
