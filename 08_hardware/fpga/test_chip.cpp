// The simulated chip against the model in C++, bit for bit: every logit, every token.
#include <algorithm>
#include <map>

#include <catch2/catch_test_macros.hpp>

#include "07_fast_inference/fixed_point/chip_files.hpp"
#include "07_fast_inference/judge/reference.hpp"
#include "08_hardware/fpga/simulator/chip_engine.hpp"
#include "common/corpus.hpp"
#include "common/random.hpp"
#include "common/sampling.hpp"
#include "common/shipped.hpp"
#include "common/tokenizer.hpp"

using namespace ladder;

namespace {

FixedModel shipped_in_fixed_point() {
  return to_fixed_model(fit_to_fixed_point(read_model(load_weights(shipped_weights_path()))));
}

// The first names of the corpus, of which a token is fed at each position.
std::vector<Tokens> names_to_feed(std::size_t count) {
  Corpus corpus = load_corpus();
  std::vector<Tokens> names;
  for (std::size_t i = 0; i < count; ++i) {
    names.push_back(Tokenizer::canonical().encode(corpus.rows[i]));
  }
  return names;
}

Place place_of(const Tokens& name, std::size_t i) {
  return {i == 0 ? bos_token : name[i - 1], static_cast<int>(i)};
}

std::size_t places_in(const Tokens& name) {
  return std::min<std::size_t>(name.size() + 1, block_size);
}

// What stream `s` of the chip must write.
std::vector<int> expected_tokens(const FixedModel& model, std::uint64_t seed, float temperature,
                                 std::size_t stream, std::size_t count) {
  const auto engine = make_fixed_vectors(model);
  engine->start(seed, temperature, stream);
  std::vector<std::uint8_t> tokens(count);
  engine->generate(tokens);
  return {tokens.begin(), tokens.end()};
}

ChipSettings settings_of(bool interleaved, std::uint64_t seed, float temperature) {
  ChipSettings settings;
  settings.interleaved = interleaved;
  settings.greedy = temperature == 0;
  if (!settings.greedy) settings.inverse_temperature = inverse_temperature_of(double{temperature});
  for (std::size_t s = 0; s < chip_streams; ++s) settings.states[s] = first_random_state(seed, s);
  return settings;
}

struct Reader {
  std::vector<int> written[chip_streams];  // so far, of each stream

  // Lets the chip run until `count` tokens have come; `ready` says whether the reader has time.
  template <class Ready>
  void read(Chip& chip, std::size_t count, Ready&& ready) {
    for (std::size_t came = 0, waited = 0; came < count && waited < 100000; ++waited) {
      chip.reader_ready = ready();
      chip.cycle();
      if (!chip.token) continue;
      std::vector<int>& tokens = written[chip.token->stream];
      tokens.push_back(chip.token->token);
      const auto beginning =
          std::find(tokens.rbegin() + 1, tokens.rend(), bos_token) - tokens.rbegin();
      // A name of 16 letters ends without BOS; so `ends` is held against the letters since then.
      const bool full = tokens.back() != bos_token && beginning % block_size == 0;
      CHECK(chip.token->ends == (tokens.back() == bos_token || full));
      ++came;
      waited = 0;
    }
  }

  // Each stream's tokens are those of the model in C++.
  void check(const FixedModel& model, std::uint64_t seed, float temperature) const {
    for (std::size_t s = 0; s < chip_streams; ++s) {
      if (written[s].empty()) continue;
      CAPTURE(seed, temperature, s);
      CHECK(written[s] == expected_tokens(model, seed, temperature, s, written[s].size()));
    }
  }
};

void check_free_running(bool interleaved) {
  const FixedModel model = shipped_in_fixed_point();
  Chip chip(model);
  const struct {
    std::uint64_t seed;
    float temperature;
  } runs[] = {{42, 1.0f}, {1, 0.5f}, {2, 0.8f}, {3, 2.0f}, {4, 30.0f}};
  for (const auto& run : runs) {
    chip.reset(settings_of(interleaved, run.seed, run.temperature));
    Reader reader;
    reader.read(chip, 2000, [] { return true; });
    reader.check(model, run.seed, run.temperature);
    const bool others_write = !reader.written[1].empty();
    CHECK(others_write == interleaved);
  }
}

}  // namespace

TEST_CASE("alone, every logit of a thousand names is the model's to the bit") {
  const FixedModel model = shipped_in_fixed_point();
  ChipEngine chip(model, 1);
  const auto plain = make_fixed_vectors(model);
  std::size_t wrong = 0, tokens = 0;
  for (const Tokens& name : names_to_feed(1000)) {
    for (std::size_t i = 0; i < places_in(name); ++i, ++tokens) {
      chip.logits(place_of(name, i).token, place_of(name, i).position);
      wrong += chip.last_sums()[0] != plain->sums(place_of(name, i));
    }
  }
  CHECK(tokens > 6000);
  CHECK(wrong == 0);
}

TEST_CASE("interleaved, every logit of a thousand names is the model's to the bit") {
  const FixedModel model = shipped_in_fixed_point();
  ChipEngine chip(model, chip_streams);
  std::vector<std::unique_ptr<FixedPointBase>> plain;
  for (int s = 0; s < chip_streams; ++s) plain.push_back(make_fixed_vectors(model));
  const auto names = names_to_feed(1000);
  // Each stream takes the next name when it is done with one.
  std::size_t next = chip_streams, now[chip_streams] = {0, 1, 2, 3}, at[chip_streams] = {};
  std::size_t wrong = 0;
  std::vector<float> logits(chip_streams * vocab_size);
  while (next < names.size()) {
    std::vector<Place> places;
    for (std::size_t s = 0; s < chip_streams; ++s) places.push_back(place_of(names[now[s]], at[s]));
    chip.forward(places, logits);
    for (std::size_t s = 0; s < chip_streams; ++s) {
      wrong += chip.last_sums()[s] != plain[s]->sums(places[s]);
      if (++at[s] < places_in(names[now[s]])) continue;
      now[s] = std::min(next++, names.size() - 1);
      at[s] = 0;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("alone, ten thousand tokens at several seeds and temperatures are the model's") {
  check_free_running(false);
}

TEST_CASE("interleaved, ten thousand tokens at several seeds and temperatures are the model's") {
  check_free_running(true);
}

TEST_CASE("at temperature 0 the chip writes the most likely name") {
  const FixedModel model = shipped_in_fixed_point();
  Chip chip(model);
  for (const bool interleaved : {false, true}) {
    chip.reset(settings_of(interleaved, 42, 0));
    Reader reader;
    reader.read(chip, 80, [] { return true; });
    reader.check(model, 42, 0);
  }
}

TEST_CASE("a reader who is often busy gets the same tokens, none lost and none twice") {
  const FixedModel model = shipped_in_fixed_point();
  Chip chip(model);
  Random random(7);
  for (const bool interleaved : {false, true}) {
    for (const int busy : {2, 50, 400}) {
      CAPTURE(interleaved, busy);
      chip.reset(settings_of(interleaved, 5, 1));
      Reader reader;
      reader.read(chip, 300, [&] { return random.below(static_cast<std::uint32_t>(busy)) == 0; });
      reader.check(model, 5, 1);
    }
  }
}

TEST_CASE("a reset in the middle of a token leaves nothing behind") {
  const FixedModel model = shipped_in_fixed_point();
  Chip chip(model);
  Random random(8);
  for (int time = 0; time < 60; ++time) {
    const bool interleaved = time % 2 == 1;
    chip.reset(settings_of(interleaved, 6, 1));
    Reader before;
    before.read(chip, random.below(12), [&] { return random.below(3) != 0; });
    for (auto cycles = random.below(160); cycles > 0; --cycles) chip.cycle();
    chip.reset(settings_of(interleaved, 9, 0.7f));
    Reader reader;
    reader.read(chip, 24, [&] { return random.below(3) != 0; });
    reader.check(model, 9, 0.7f);
  }
}

TEST_CASE("every token takes the same number of cycles, wherever it stands") {
  Chip chip(shipped_in_fixed_point());
  for (const bool interleaved : {false, true}) {
    chip.reset(settings_of(interleaved, 42, 1));
    std::map<std::uint64_t, int> cycles;
    for (std::uint64_t last = 0, came = 0; came < 200;) {
      chip.cycle();
      if (!chip.token) continue;
      if (last != 0) ++cycles[chip.cycles() - last];
      last = chip.cycles();
      ++came;
    }
    CHECK(cycles.size() == 1);
    CHECK(cycles.begin()->first <= (interleaved ? 36 : 129));
  }
}

TEST_CASE("every step of a token is the trace's") {
  const FixedModel model = shipped_in_fixed_point();
  FixedPointEngine plain(model);
  Chip chip(model);
  ChipSettings settings;
  settings.teach = true;
  chip.reset(settings);
  for (const Tokens& name : names_to_feed(12)) {
    for (std::size_t i = 0; i < places_in(name); ++i) {
      std::map<std::string, std::vector<std::int64_t>> steps;
      plain.trace([&](std::string_view step, std::span<const std::int64_t> numbers) {
        auto& all = steps[std::string(step)];
        all.insert(all.end(), numbers.begin(), numbers.end());
      });
      plain.sums(place_of(name, i));

      std::map<std::string, std::vector<std::int64_t>> seen;
      chip.feed = TaughtToken{place_of(name, i).token, place_of(name, i).position};
      do {
        chip.cycle();
        if (chip.on_belt(1)) seen["embedding"] = chip.inside("embedding");
        if (chip.on_belt(13)) seen["x1"] = chip.inside("x1");
        if (chip.on_belt(26)) seen["h1"] = chip.inside("h1");
        for (const int cycle : {30, 31}) {
          if (chip.on_belt(cycle)) {
            const auto half = chip.inside("results");
            seen["k"].insert(seen["k"].end(), half.begin(), half.end());
          }
        }
        for (const int cycle : {43, 44}) {
          if (chip.on_belt(cycle)) {
            const auto half = chip.inside("results");
            seen["v"].insert(seen["v"].end(), half.begin(), half.end());
          }
        }
      } while (!chip.logits);
      for (const char* step : {"q", "a", "x2", "h2", "u", "x3"}) {
        seen[step] = chip.inside(step);
      }
      // Of all 16 positions the model computes those there are.
      for (const char* step : {"s", "p", "w"}) {
        const auto all = chip.inside(step);
        for (std::size_t head = 0; head < n_head; ++head) {
          for (std::size_t t = 0; t <= i; ++t) seen[step].push_back(all[head * block_size + t]);
        }
      }
      seen["logit"].assign(chip.logits->sums.begin(), chip.logits->sums.end());
      for (const auto& [step, numbers] : steps) {
        CAPTURE(i);
        INFO(step);
        CHECK(seen[step] == numbers);
      }
    }
  }
}
