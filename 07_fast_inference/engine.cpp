#include "07_fast_inference/engine.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "common/error.hpp"

namespace ladder {

int sample_token(std::span<const float, vocab_size> logits, float temperature, float u) {
  const float largest = *std::max_element(logits.begin(), logits.end());
  float weights[vocab_size];
  float total = 0;
  for (std::size_t i = 0; i < vocab_size; ++i) {
    weights[i] = std::exp((logits[i] - largest) / temperature);
    total += weights[i];
  }
  const float threshold = u * total;
  float sum = 0;
  for (int i = 0; i + 1 < vocab_size; ++i) {
    sum += weights[i];
    if (sum > threshold) return i;
  }
  return vocab_size - 1;
}

Engine::Engine(int streams)
    : places_(static_cast<std::size_t>(streams)),
      random_(static_cast<std::size_t>(streams)),
      logits_(static_cast<std::size_t>(streams) * vocab_size) {}

Logits Engine::logits(int token, int position) {
  std::fill(places_.begin(), places_.end(), Place{token, position});
  forward(places_, logits_);
  Logits first;
  std::copy_n(logits_.begin(), vocab_size, first.begin());
  return first;
}

void Engine::start(std::uint32_t seed, float temperature) {
  if (!(temperature > 0)) throw UsageError("--temperature must be above 0");
  temperature_ = temperature;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    places_[i] = {};
    random_[i] = first_random_state(seed + static_cast<std::uint32_t>(i));
  }
}

void Engine::set_past(int, std::span<const std::uint8_t>) {
  throw std::logic_error("this engine has to read a name from its beginning");
}

void Engine::generate(std::span<std::uint8_t> tokens) {
  const std::size_t n = places_.size();
  for (std::size_t step = 0; step + n <= tokens.size(); step += n) {
    forward(places_, logits_);
    for (std::size_t i = 0; i < n; ++i) {
      const auto row = std::span<const float>(logits_).subspan(i * vocab_size).first<vocab_size>();
      const int token = sample_token(row, temperature_, next_uniform(random_[i]));
      tokens[step + i] = static_cast<std::uint8_t>(token);
      places_[i] = next_place(places_[i], token);
    }
  }
}

std::vector<std::vector<int>> names_of(std::span<const std::uint8_t> tokens, int stream,
                                       int streams) {
  std::vector<std::vector<int>> names;
  std::vector<int> name;
  for (std::size_t i = static_cast<std::size_t>(stream); i < tokens.size();
       i += static_cast<std::size_t>(streams)) {
    const int token = tokens[i];
    if (token != bos_token) name.push_back(token);
    if (token == bos_token || name.size() == block_size) {
      names.push_back(name);
      name.clear();
    }
  }
  return names;
}

}  // namespace ladder
