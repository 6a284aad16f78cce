#include <cmath>
#include <set>
#include <string>
#include <utility>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_adapters.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "07_fast_inference/engines.hpp"
#include "07_fast_inference/judge/reference.hpp"
#include "07_fast_inference/judge/test_draws.hpp"
#include "07_fast_inference/test_golden.hpp"
#include "common/corpus.hpp"
#include "common/error.hpp"
#include "common/largest.hpp"
#include "common/sampling.hpp"
#include "common/shipped.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;

namespace {

std::vector<Tokens> first_names(std::size_t count) {
  const Corpus corpus = builtin_corpus();
  const Tokenizer tokenizer = Tokenizer::canonical();
  std::vector<Tokens> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(tokenizer.encode(corpus.rows[i * 17]));
  return names;
}

// Those of fewer bits have bounds, and tests, of their own.
const EngineKind& each_engine() {
  const auto index =
      GENERATE(filter([](std::size_t i) { return engines_and_widths()[i].precision == "fp32"; },
                      range(std::size_t{0}, engines_and_widths().size())));
  return engines_and_widths()[index];
}

}  // namespace

TEST_CASE("every engine has the reference's logits") {
  const EngineKind& kind = each_engine();
  const float sigma = GENERATE(0.08f, 0.5f);
  const bool final_norm = GENERATE(false, true);
  INFO(kind.name << ", sigma " << sigma << (final_norm ? ", a final norm" : ""));
  const MicroGpt model = random_model(3, sigma, final_norm);
  const auto engine = kind.make(model);
  // A wilder model has larger logits; what is allowed is relative to them.
  const double allowed = sigma < 0.1f ? 1e-5 : 1e-3;
  CHECK(largest_error(*engine, model, first_names(200)) < allowed);
  CHECK(largest_error(*engine, model, std::vector<Tokens>{Tokens(16, 7), Tokens()}) < allowed);
}

TEST_CASE("a name need not begin with BOS, nor scores be small enough for powers of 2") {
  const EngineKind& kind = each_engine();
  const bool wild = GENERATE(false, true), final_norm = GENERATE(false, true);
  INFO(kind.name << (wild ? ", large scores" : "") << (final_norm ? ", a final norm" : ""));
  MicroGpt model = random_model(9, 0.3f, final_norm);
  for (auto* weights : {&model.attn_wq, &model.attn_wk}) {
    for (auto& row : *weights) {
      for (float& weight : row) weight *= wild ? 12.0f : 1.0f;  // scores of hundreds
    }
  }
  const auto engine = kind.make(model);
  const auto judge = make_loops(model);
  for (const int first : {0, 25, bos_token}) {
    int token = first;
    for (int position = 0; position < block_size; ++position, token = (token * 7 + 5) % 26) {
      const Logits expected = judge->logits(token, position);
      const Logits logits = engine->logits(token, position);
      double largest = 0;
      for (std::size_t i = 0; i < vocab_size; ++i) {
        largest = larger_or_nan(largest, std::abs(double{logits[i]} - double{expected[i]}));
      }
      CAPTURE(first, position);
      CHECK(largest < 1e-3);
    }
  }
}

TEST_CASE("every engine has the reference's NLL") {
  const EngineKind& kind = each_engine();
  INFO(kind.name);
  const MicroGpt model = random_model(4);
  const auto engine = kind.make(model);
  Reference reference(model);
  const auto names = first_names(500);
  CHECK_THAT(mean_nll(*engine, names), WithinAbs(mean_nll(reference, names), 1e-6));
}

TEST_CASE("every stream of every engine writes the same names from the same seed") {
  const EngineKind& kind = each_engine();
  const bool final_norm = GENERATE(false, true);
  INFO(kind.name << (final_norm ? ", a final norm" : ""));
  const MicroGpt model = random_model(5, 0.3f, final_norm);
  const auto engine = kind.make(model);
  const auto judge = make_loops(model);
  const auto n = static_cast<std::size_t>(engine->streams());
  std::vector<std::uint8_t> written(100'000 / n * n);
  engine->start(42, 0.8f);
  engine->generate(written);
  std::size_t names = 0;
  for (std::size_t stream = 0; stream < n; ++stream) {
    names += names_of(written, static_cast<int>(stream), engine->streams()).size();
  }
  CHECK(names > 7'500);
  CHECK(count_wrong_draws(logits_of(*judge), written, n, 42, 0.8, rounding_slack(1e-5, 0.8)) == 0);
}

TEST_CASE("every engine of the shipped weights has the golden logits") {
  const EngineKind& kind = each_engine();
  INFO(kind.name);
  const auto engine = kind.make(read_model(load_weights(shipped_weights_path())));
  CHECK(largest_golden_error(*engine) < kind.allowed_error);
}

TEST_CASE("NLL of the first 500 canonical names is the reference's", "[nll]") {
  const Corpus corpus = load_corpus();
  if (!corpus.is_canonical()) {
    SKIP("needs the canonical corpus, and this is " << corpus.name << "; set MICROGPT_NAMES");
  }
  const MicroGpt model = read_model(load_weights(shipped_weights_path()));
  const std::vector<std::string> rows(corpus.rows.begin(), corpus.rows.begin() + 500);
  const auto names = Tokenizer::canonical().encode_all(rows);
  Reference reference(model);
  const double expected = mean_nll(reference, names);
  for (const EngineKind& kind : engines_and_widths()) {
    INFO(kind.name);
    const double allowed = kind.allowed_error <= 1e-4 ? 1e-4 : 0.002;  // fp32, or fewer bits
    CHECK_THAT(mean_nll(*kind.make(model), names), WithinAbs(expected, allowed));
  }
}

TEST_CASE("the sampler is the contract's, token for token") {
  const MicroGpt model = random_model(6, 0.3f);
  Reference reference(model);
  const LogitsOf judge = [&](Place place) { return reference.logits(place.token, place.position); };
  const auto engine = make_loops(model);
  std::vector<std::uint8_t> tokens(3000);
  engine->start(9, 0.7f);
  engine->generate(tokens);
  CHECK(names_of(tokens).size() > 100);
  CHECK(count_wrong_draws(judge, tokens, 1, 9, 0.7, rounding_slack(1e-5, 0.7)) == 0);
  // This way of judging sees another seed and another temperature.
  CHECK(count_wrong_draws(judge, tokens, 1, 10, 0.7, rounding_slack(1e-5, 0.7)) > 1000);
  CHECK(count_wrong_draws(judge, tokens, 1, 9, 0.8, rounding_slack(1e-5, 0.8)) > 10);
}

TEST_CASE("generating in pieces is generating at once") {
  const EngineKind& kind = each_engine();
  INFO(kind.name);
  const auto engine = kind.make(random_model(7, 0.3f));
  const auto n = static_cast<std::size_t>(engine->streams());
  std::vector<std::uint8_t> once(90 * n), pieces(90 * n);
  engine->start(1, 1.0f);
  engine->generate(once);
  engine->start(1, 1.0f);
  for (std::size_t i = 0; i < 90; i += 30) {
    engine->generate(std::span(pieces).subspan(i * n, 30 * n));
  }
  CHECK(once == pieces);
}

TEST_CASE("every temperature works, and none that is not one") {
  const EngineKind& kind = each_engine();
  const bool final_norm = GENERATE(false, true);
  INFO(kind.name << (final_norm ? ", a final norm" : ""));
  const MicroGpt model = random_model(8, 0.5f, final_norm);
  const auto engine = kind.make(model);
  const auto loops = make_loops(model);
  const LogitsOf judge = logits_of(*loops);
  for (const float temperature : {0.01f, 0.5f, 5.0f, 1000.0f}) {
    INFO("temperature " << temperature);
    const auto n = static_cast<std::size_t>(engine->streams());
    std::vector<std::uint8_t> tokens(500 * n);
    engine->start(3, temperature);
    engine->generate(tokens);
    // Logits of this wilder model are off by up to 1e-4.
    CHECK(count_wrong_draws(judge, tokens, n, 3, double{temperature},
                            rounding_slack(1e-4, double{temperature})) == 0);
  }
  for (const float none : {-0.1f, std::nanf(""), HUGE_VALF, -HUGE_VALF}) {
    CHECK_THROWS_AS(engine->start(1, none), UsageError);
  }
}

TEST_CASE("what is added to every logit changes no name, be it large and negative") {
  const EngineKind& kind = each_engine();
  const bool final_norm = GENERATE(false, true);
  INFO(kind.name << (final_norm ? ", a final norm" : ""));
  MicroGpt model = random_model(10, 0.3f, final_norm);
  for (auto& row : model.lm_head) {
    for (int i = 0; i < n_embd; ++i) row[i] += i % 2 == 0 ? 40.0f : -30.0f;
  }
  const auto engine = kind.make(model);
  const auto judge = make_loops(model);
  const auto n = static_cast<std::size_t>(engine->streams());
  std::vector<std::uint8_t> written(1000 * n);
  engine->start(5, 1);
  engine->generate(written);
  // Logits of hundreds: their last bit is 3e-5, and sixteen products of that size are added up.
  CHECK(count_wrong_draws(logits_of(*judge), written, n, 5, 1, rounding_slack(5e-4, 1)) == 0);
}

TEST_CASE("the open xorshift is the one of common/sampling.hpp") {
  for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{42}, ~std::uint64_t{0}}) {
    for (const std::uint64_t stream : {0u, 1u, 95u}) {
      Xorshift32 random(seed, stream);
      std::uint32_t state = first_random_state(seed, stream);
      for (int i = 0; i < 1000; ++i) REQUIRE(next_uniform(state) == random.uniform());
    }
  }
}

TEST_CASE("no two streams write the same, of one seed or of two") {
  const MicroGpt model = random_model(5, 0.3f);
  for (const char* name : {"loops", "streams", "streams_int8", "prefix_cache"}) {
    INFO(name);
    const auto engine = find_engine(name).make(model);
    const auto n = static_cast<std::size_t>(engine->streams());
    constexpr std::size_t steps = 30;
    std::set<std::string> written;
    // A second thread's streams follow on the first one's; 2^32 differs from 0 in its upper half.
    const std::pair<std::uint64_t, std::uint64_t> starts[] = {
        {42, 0}, {42, n}, {43, 0}, {0, 0}, {std::uint64_t{1} << 32, 0}};
    for (const auto& [seed, first_stream] : starts) {
      std::vector<std::uint8_t> tokens(steps * n);
      engine->start(seed, 1, first_stream);
      engine->generate(tokens);
      for (std::size_t stream = 0; stream < n; ++stream) {
        std::string of_stream;
        for (std::size_t i = 0; i < steps; ++i) {
          of_stream += static_cast<char>('a' + tokens[i * n + stream]);
        }
        written.insert(of_stream);
      }
    }
    CHECK(written.size() == std::size(starts) * n);
  }
}
