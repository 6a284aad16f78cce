#include <cmath>
#include <latch>
#include <thread>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "07_fast_inference/bench/bench.hpp"
#include "07_fast_inference/bench/team.hpp"
#include "07_fast_inference/engines.hpp"
#include "07_fast_inference/judge/test_draws.hpp"
#include "07_fast_inference/many_streams/prefix_trie.hpp"
#include "common/sampling.hpp"

using namespace ladder;

namespace {

constexpr std::size_t megabyte = 1 << 20;

using Written = std::vector<std::uint8_t>;  // (steps, streams)

// On its own, this may run on a thread: nothing of Catch2 is in it.
Written write(Engine& engine, std::uint64_t seed, float temperature, std::size_t steps) {
  Written tokens(steps * static_cast<std::size_t>(engine.streams()));
  engine.start(seed, temperature);
  engine.generate(tokens);
  return tokens;
}

// How many tokens would the textbook's loops not have drawn?
std::size_t count_wrong(const Written& written, const MicroGpt& model, std::uint64_t seed,
                        float temperature, std::size_t streams) {
  const auto judge = make_loops(model);
  return count_wrong_draws(logits_of(*judge), written, streams, seed, double{temperature},
                           rounding_slack(1e-5, double{temperature}));
}

std::size_t count_computed(const Engine& engine) {
  return engine.cache_use()->tokens - engine.cache_use()->remembered;
}

Logits some_logits(float step) {
  Logits logits;
  for (std::size_t i = 0; i < vocab_size; ++i) {
    logits[i] = 3 * std::sin(step * static_cast<float>(i * i + 1));
  }
  return logits;
}

}  // namespace

TEST_CASE("the running sums of a node draw what the sampler draws") {
  const float temperature = GENERATE(0.01f, 0.5f, 1.0f, 1000.0f);
  const Logits logits = some_logits(0.7f);
  alignas(64) PrefixTrie::Sums sums;
  PrefixTrie::weigh(logits, temperature, sums);
  std::uint32_t random = first_random_state(3);
  int differing = 0;
  for (int i = 0; i < 20'000; ++i) {
    const float u = next_uniform(random);
    differing += PrefixTrie::draw(sums, u) != sample_token(logits, temperature, u);
  }
  CHECK(differing <= 2);  // where rounding decides
  CHECK(PrefixTrie::draw(sums, 0x1.fffffep-1f) == sample_token(logits, temperature, 1 - 0x1p-24f));
  CHECK(PrefixTrie::draw(sums, 2.0f - 0x1p-20f) == bos_token);  // no empty slot is ever drawn
}

TEST_CASE("a beginning is remembered when it is met for the second time") {
  PrefixTrie trie(megabyte, 1, some_logits(1));
  CHECK(trie.child(PrefixTrie::root, 4) == PrefixTrie::outside);
  REQUIRE(trie.child(PrefixTrie::root, 4) == PrefixTrie::wanted);
  const int node = trie.remember(PrefixTrie::root, 4, some_logits(2));
  CHECK(node > PrefixTrie::outside);
  CHECK(trie.child(PrefixTrie::root, 4) == node);
  CHECK(trie.logits(node) == some_logits(2));
  CHECK(trie.remember(PrefixTrie::root, 4, some_logits(2)) == node);  // another was faster
  CHECK(trie.child(node, 4) == PrefixTrie::outside);
  CHECK(trie.child(PrefixTrie::root, 5) == PrefixTrie::outside);
  // What lies outside is not told apart, so nothing of it may ever be remembered.
  for (int i = 0; i < 3; ++i) {
    CHECK(trie.child(PrefixTrie::outside, 4) == PrefixTrie::outside);
  }
}

TEST_CASE("a full trie stays as it is") {
  PrefixTrie trie(5000, 1, some_logits(1));
  const std::size_t most = trie.most_bytes();
  CHECK(most <= 5000);
  int kept = 0;
  for (int token = 0; token < bos_token; ++token) {
    trie.child(PrefixTrie::root, token);
    if (trie.child(PrefixTrie::root, token) != PrefixTrie::wanted) continue;
    kept += trie.remember(PrefixTrie::root, token, some_logits(2)) != PrefixTrie::outside;
    CHECK(trie.bytes() <= most);
  }
  CHECK(kept > 3);
  CHECK(kept < bos_token);
  CHECK(trie.bytes() == most);
  CHECK(trie.remember(trie.child(PrefixTrie::root, 0), 1, some_logits(2)) == PrefixTrie::outside);
}

TEST_CASE("at any bound of its memory the cache writes the same names") {
  const auto bound = GENERATE(std::size_t{0}, std::size_t{3000}, 20 * megabyte);
  INFO("at most " << bound << " bytes");
  const MicroGpt model = random_model(5, 0.3f);
  const auto engine = make_prefix_cache(model, bound);
  const auto streams = static_cast<std::size_t>(engine->streams());
  const auto written = write(*engine, 42, 0.8f, 1000);
  CHECK(count_wrong(written, model, 42, 0.8f, streams) == 0);
  const CacheUse use = engine->cache_use().value();
  CHECK(use.bytes <= std::max(bound, std::size_t{1000}));
  CHECK(use.tokens == written.size());
  CHECK(use.remembered < use.tokens);
  CHECK(use.remembered > use.tokens / 20);  // BOS alone is always known
}

TEST_CASE("what was met twice is computed no more") {
  const MicroGpt model = random_model(5, 0.3f);
  const auto engine = make_prefix_cache(model, 20 * megabyte);
  const auto first = write(*engine, 42, 1, 100);
  CHECK(count_computed(*engine) > 100);
  CHECK(write(*engine, 42, 1, 100) == first);
  while (true) {  // a beginning waits outside until the one before it is known
    const std::size_t before = count_computed(*engine);
    CHECK(write(*engine, 42, 1, 100) == first);
    if (count_computed(*engine) == before) break;
    REQUIRE(engine->cache_use()->tokens < 50 * first.size());
  }
  // A second engine knows all of it too.
  const auto second = engine->another();
  REQUIRE(second);
  CHECK(write(*second, 42, 1, 100) == first);
  CHECK(count_computed(*second) == 0);
  // And what it learns, the first one knows.
  const auto other = write(*second, 1042, 1, 100);
  for (int i = 0; i < 2 * block_size; ++i) write(*second, 1042, 1, 100);
  const std::size_t before = count_computed(*engine);
  CHECK(write(*engine, 1042, 1, 100) == other);
  CHECK(count_computed(*engine) == before);
}

TEST_CASE("another temperature needs no logits again, and is no one else's business") {
  const MicroGpt model = random_model(5, 0.3f);
  const auto engine = make_prefix_cache(model, 20 * megabyte);
  const auto streams = static_cast<std::size_t>(engine->streams());
  const auto warm = write(*engine, 42, 1, 100);
  for (int i = 0; i < 2 * block_size; ++i) write(*engine, 42, 1, 100);
  const auto second = engine->another();
  const auto cold = write(*second, 42, 0.5f, 200);
  CHECK(cold != write(*engine, 42, 1, 200));
  CHECK(count_wrong(cold, model, 42, 0.5f, streams) == 0);
  // Back again: all the logits are still there.
  const std::size_t before = count_computed(*second);
  CHECK(write(*second, 42, 1, 100) == warm);
  CHECK(count_computed(*second) == before);
  const std::size_t of_first = count_computed(*engine);
  CHECK(write(*engine, 42, 1, 100) == warm);
  CHECK(count_computed(*engine) == of_first);
}

TEST_CASE("engines on several threads fill one trie together") {
  const MicroGpt model = random_model(5, 0.3f);
  // Small enough to get full while they write.
  const auto first = make_prefix_cache(model, megabyte / 2);
  const auto streams = static_cast<std::size_t>(first->streams());
  first->start(0, 0.8f);
  const auto second = first->another();
  Written written[3];
  // Two write the same names, and so want the same places at the same time; the third looks on, at
  // another temperature, and copies while the trie grows.
  const auto third = first->another();
  Team team(3);
  team.run([&](int i) {
    Engine& engine = i == 0 ? *first : i == 1 ? *second : *third;
    written[i] = write(engine, 42, i < 2 ? 0.8f : 0.5f, 500);
  });
  CHECK(count_wrong(written[0], model, 42, 0.8f, streams) == 0);
  CHECK(count_wrong(written[1], model, 42, 0.8f, streams) == 0);
  CHECK(count_wrong(written[2], model, 42, 0.5f, streams) == 0);
  CHECK(first->cache_use()->bytes == first->cache_use()->most_bytes);
  CHECK(second->cache_use()->bytes == first->cache_use()->bytes);
}

TEST_CASE("a team works at the same time, as often as asked") {
  Team team(3);
  CHECK(team.size() == 3);
  int calls[3] = {};
  for (int round = 0; round < 100; ++round) {
    std::latch all(3);  // waits for ever if one thread worked after another
    const Team::Times times = team.run([&](int i) {
      ++calls[i];
      all.arrive_and_wait();
    });
    REQUIRE(times.wall > 0);
    REQUIRE(times.cpu > 0);
  }
  for (const int n : calls) CHECK(n == 100);
}

TEST_CASE("the bench measures engines of many streams on two threads as well") {
  static int made = 0;
  EngineKind cache = find_engine("prefix_cache");
  cache.make = [](const MicroGpt& model) {
    ++made;
    return make_prefix_cache(model);
  };
  const EngineKind* kinds[] = {&find_engine("tables"), &find_engine("streams"), &cache};
  const auto rows = run_bench(kinds, random_model(5, 0.3f),
                              {.rounds = 2,
                               .seconds_per_turn = 1e-4,
                               .seconds_per_team_turn = 1e-4,
                               .warm_up_tokens = 200'000,
                               .threads = 2,
                               .quiet = true});
  REQUIRE(rows.size() == 5);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const BenchRow& row = rows[i];
    INFO(row.engine << " on " << row.threads << " threads");
    CHECK(row.threads == (i < 3 ? 1 : 2));
    CHECK(row.streams == find_engine(row.engine).make(random_model(5))->streams() * row.threads);
    CHECK(row.tokens_per_second.value() > 0);
    CHECK(row.cycles_per_token.has_value() == (row.threads == 1));
    CHECK(row.cpu_share.has_value() == (row.threads == 2));
    CHECK(row.cache.has_value() == row.caches);
    if (!row.cache) continue;
    CHECK(row.warm_up_tokens >= 200'000);
    CHECK(row.cache->remembered > 0);
    CHECK(row.cache->remembered < row.cache->tokens);
    CHECK(row.cache->tokens < row.warm_up_tokens);  // those that filled it are not counted
    CHECK(row.cache->tokens % static_cast<std::size_t>(row.streams) == 0);
  }
  CHECK(made == 2);  // a trie for one thread, and a shared one for two
}

TEST_CASE("the bench leaves out what does not run a model, and says why") {
  EngineKind of_one_variant = find_engine("loops");
  of_one_variant.microgpt_only = true;
  const EngineKind* kinds[] = {&of_one_variant, &find_engine("streams")};
  const BenchOptions options{.rounds = 1,
                             .seconds_per_turn = 1e-4,
                             .seconds_per_team_turn = 1e-4,
                             .threads = 2,
                             .quiet = true};
  for (const bool final_norm : {false, true}) {
    CAPTURE(final_norm);
    const auto rows = run_bench(kinds, random_model(5, 0.3f, final_norm), options);
    REQUIRE(rows.size() == 3);
    for (const BenchRow& row : rows) {
      const bool left_out = final_norm && row.engine == "loops";
      CHECK(row.tokens_per_second.has_value() == !left_out);
      CHECK(row.problem == (left_out ? microgpt_only_problem : ""));
    }
  }
}
