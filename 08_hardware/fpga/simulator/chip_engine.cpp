#include "08_hardware/fpga/simulator/chip_engine.hpp"

#include <algorithm>
#include <cmath>

#include "common/error.hpp"

namespace ladder {
namespace {

// No chip takes so long for one token; a circuit with a mistake may.
constexpr int patience = 10000;

FixedModel fitted(const MicroGpt& model) { return to_fixed_model(fit_to_fixed_point(model)); }

}  // namespace

std::uint16_t inverse_temperature_of(double temperature) {
  return static_cast<std::uint16_t>(std::min(std::floor(1024.0 / temperature + 0.5), 65535.0));
}

ChipEngine::ChipEngine(const FixedModel& model, int streams)
    : Engine(streams), chip_(model), sampler_(model), logit_unit_(model.logit_unit()) {
  sums_.resize(static_cast<std::size_t>(streams));
}

void ChipEngine::forward(std::span<const Place> places, std::span<float> logits) {
  if (!taught_) {
    ChipSettings settings;
    settings.teach = true;
    settings.interleaved = streams() > 1;
    chip_.reset(settings);
    taught_ = true;
  }
  std::vector<bool> fed(places.size(), false);
  std::size_t seen = 0;
  for (int waited = 0; seen < places.size(); ++waited) {
    if (waited == patience) throw Error("the chip shows no logits: its circuit is broken");
    const auto asked = static_cast<std::size_t>(chip_.asked_stream());
    chip_.feed.reset();
    if (!fed[asked]) chip_.feed = TaughtToken{places[asked].token, places[asked].position};
    chip_.cycle();
    if (chip_.fed) fed[asked] = true;
    if (chip_.logits) {
      const auto stream = static_cast<std::size_t>(chip_.logits->stream);
      sums_[stream] = chip_.logits->sums;
      for (std::size_t i = 0; i < vocab_size; ++i) {
        logits[stream * vocab_size + i] = static_cast<float>(sums_[stream][i] * logit_unit_);
      }
      ++seen;
    }
  }
}

// Between two tokens, which may be drawn from another stream's logits than the last.
int ChipEngine::choose(std::span<const float, vocab_size> logits, std::uint32_t& random) {
  FixedSums sums;
  for (std::size_t i = 0; i < vocab_size; ++i) {
    sums[i] = static_cast<std::int32_t>(std::lround(double{logits[i]} / logit_unit_));
  }
  for (const FixedSums& exact : sums_) {  // floats have fewer bits
    bool same = true;
    for (std::size_t i = 0; i < vocab_size; ++i) {
      same &= static_cast<float>(exact[i] * logit_unit_) == logits[i];
    }
    if (same) sums = exact;
  }
  if (temperature_ == 0) {
    return static_cast<int>(std::max_element(sums.begin(), sums.end()) - sums.begin());
  }
  next_uniform(random);  // moves the state on
  return sampler_.draw(sums, random);
}

void ChipEngine::prepare() {
  sampler_.start(0, temperature_);
  if (temperature_ == 0) return;  // then generate() goes by forward()
  ChipSettings settings;
  settings.interleaved = streams() > 1;
  settings.inverse_temperature = inverse_temperature_of(static_cast<double>(temperature_));
  std::copy(random_.begin(), random_.end(), settings.states.begin());
  chip_.feed.reset();
  chip_.reset(settings);
  taught_ = false;
}

void ChipEngine::write(std::span<std::uint8_t> tokens) {
  const auto count = static_cast<std::size_t>(streams());
  std::vector<std::size_t> steps(count, 0);
  std::size_t written = 0;
  for (int waited = 0; written < tokens.size(); ++waited) {
    if (waited == patience) throw Error("the chip writes no tokens: its circuit is broken");
    chip_.cycle();
    if (!chip_.token) continue;
    waited = 0;
    const auto stream = static_cast<std::size_t>(chip_.token->stream);
    tokens[steps[stream]++ * count + stream] = static_cast<std::uint8_t>(chip_.token->token);
    ++written;
  }
}

std::span<const EngineKind> chip_kinds() {
  static constexpr EngineKind kinds[] = {
      {.name = "chip",
       .precision = "Q4.12",
       .idea = "the circuit, one name at a time",
       .caches = false,
       .many_streams = false,
       .allowed_error = FixedPointEngine::error_bound,
       .make = [](const MicroGpt& model) -> std::unique_ptr<Engine> {
         return std::make_unique<ChipEngine>(fitted(model), 1);
       },
       .clock = Clock::simulated,
       .microgpt_only = true},
      {.name = "chip4",
       .precision = "Q4.12",
       .idea = "the circuit, four names interleaved",
       .caches = false,
       .many_streams = false,
       .allowed_error = FixedPointEngine::error_bound,
       .make = [](const MicroGpt& model) -> std::unique_ptr<Engine> {
         return std::make_unique<ChipEngine>(fitted(model), chip_streams);
       },
       .clock = Clock::simulated,
       .microgpt_only = true},
      {.name = "q4_12",
       .precision = "Q4.12",
       .idea = "the same bits from 07's C++, on this processor",
       .caches = false,
       .many_streams = false,
       .allowed_error = FixedPointEngine::error_bound,
       .make = [](const MicroGpt& model) { return make_q4_12(model); }},
  };
  return kinds;
}

}  // namespace ladder
