#include "07_fast_inference/model/engine.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "common/error.hpp"
#include "common/sampling.hpp"

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

int most_likely_token(std::span<const float, vocab_size> logits) {
  return static_cast<int>(std::max_element(logits.begin(), logits.end()) - logits.begin());
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

void Engine::start(std::uint64_t seed, float temperature, std::uint64_t first_stream,
                   std::span<const int> beginning) {
  if (!(temperature >= 0) || std::isinf(temperature)) {
    throw UsageError("--temperature must be a number, 0 or above");
  }
  temperature_ = temperature;
  beginning_.assign(beginning.begin(), beginning.end());
  for (std::size_t i = 0; i < places_.size(); ++i) {
    places_[i] = {};
    random_[i] = first_random_state(seed, first_stream + i);
  }
  if (temperature_ > 0) prepare();
}

Engine::~Engine() = default;

std::size_t Engine::precomputed_bytes() const { return 0; }

std::optional<CacheUse> Engine::cache_use() const { return {}; }

std::uint64_t Engine::simulated_cycles() const { return 0; }

std::unique_ptr<Engine> Engine::another() const { return nullptr; }

void Engine::set_past(int, std::span<const std::uint8_t>) {
  throw std::logic_error("this engine has to read a name from its beginning");
}

template <class Choose>
void Engine::write_by_logits(std::span<std::uint8_t> tokens, Choose&& choose) {
  const std::size_t n = places_.size();
  for (std::size_t step = 0; step + n <= tokens.size(); step += n) {
    forward(places_, logits_);
    for (std::size_t i = 0; i < n; ++i) {
      const auto row = std::span<const float>(logits_).subspan(i * vocab_size).first<vocab_size>();
      const int token = choose(row, i);
      tokens[step + i] = static_cast<std::uint8_t>(token);
      places_[i] = next_place(places_[i], token);
    }
  }
}

void Engine::generate(std::span<std::uint8_t> tokens) {
  if (temperature_ > 0 && beginning_.empty()) return write(tokens);
  write_by_logits(tokens, [this](auto row, std::size_t i) {
    const auto position = static_cast<std::size_t>(places_[i].position);
    return position < beginning_.size() ? beginning_[position] : choose(row, random_[i]);
  });
}

void Engine::write(std::span<std::uint8_t> tokens) {
  write_by_logits(tokens, [this](auto row, std::size_t i) {
    return sample_token(row, temperature_, next_uniform(random_[i]));
  });
}

int Engine::choose(std::span<const float, vocab_size> logits, std::uint32_t& random) {
  if (temperature_ == 0) return most_likely_token(logits);
  return sample_token(logits, temperature_, next_uniform(random));
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
