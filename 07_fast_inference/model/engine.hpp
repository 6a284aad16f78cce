#pragma once
/// \file
/// The one small interface of all engines: same weights in, same names out, only the speed differs.
///
/// The room model/ may include common/ and nothing else: no Eigen, no tape, no stage below, no
/// other room of this one. Whatever runs the model, and whoever judges or measures it, begins here.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "07_fast_inference/model/model.hpp"

namespace ladder {

/// Of one stream's next token.
using Logits = std::array<float, vocab_size>;

/// What a stream feeds to the model next. Position 0 begins a name: the stream's past is forgotten,
/// so nothing else is needed to reset one.
struct Place {
  int token = bos_token;  ///< from 0 to vocab_size - 1
  int position = 0;       ///< from 0 to block_size - 1
};

/// The place after `token` was drawn at `place`: a name ends at BOS or when the block is full.
inline Place next_place(Place place, int token) {
  if (token == bos_token || place.position + 1 == block_size) return {};
  return {token, place.position + 1};
}

/// Xorshift32 of common/sampling.hpp with its state in the open, so that an engine can keep it in a
/// register or eight of them in a vector. (A test holds the two together.)
/// \returns uniform in [0, 1), a multiple of 2^-24
inline float next_uniform(std::uint32_t& state) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return static_cast<float>(static_cast<std::int32_t>(state >> 8)) * 0x1p-24f;
}

/// Draws a token as common/sampling.hpp does, in single precision: the first token whose running
/// sum of exp(logit / temperature) exceeds u times their total.
/// \param temperature  above 0
int sample_token(std::span<const float, vocab_size> logits, float temperature, float u);

/// The token with the largest logit, the first of several: what temperature 0 means.
int most_likely_token(std::span<const float, vocab_size> logits);

/// What an engine that remembers answers has to say for itself.
struct CacheUse {
  std::size_t bytes;       ///< what it remembers takes
  std::size_t most_bytes;  ///< and may take
  std::size_t tokens;      ///< asked for so far, of this engine
  std::size_t remembered;  ///< of those, answered from memory
};

/// A way to run the model. It may advance several streams (names being written) at once.
///
/// Nothing virtual is defined here: engines are compiled for several kinds of processor, and the
/// linker would keep one copy, of any of them, for all.
class Engine {
 public:
  /// \param streams  how many every call will advance; all stand at BOS, position 0
  explicit Engine(int streams = 1);
  virtual ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// How many streams every call advances.
  int streams() const { return static_cast<int>(places_.size()); }

  /// Bytes of tables made of the weights before the first token: what was bought with memory.
  virtual std::size_t precomputed_bytes() const;

  /// Of an engine that remembers answers.
  virtual std::optional<CacheUse> cache_use() const;

  /// Of a simulated chip: the cycles it has computed for so far (see Clock::simulated).
  virtual std::uint64_t simulated_cycles() const;

  /// A second engine, for another thread, that shares with this one what it remembers at its
  /// present temperature; null if it remembers nothing.
  virtual std::unique_ptr<Engine> another() const;

  /// Lets a stream stand where it had read these tokens, from position 0 on, without computing.
  /// \throws std::logic_error if what this engine keeps of a past is not all looked up in tables
  virtual void set_past(int stream, std::span<const std::uint8_t> tokens);

  /// Feeds one token to each stream. A stream's positions must come in order, from 0.
  /// \param places  (streams)
  /// \param logits  (streams, vocab_size), row-major, of the token that comes next
  virtual void forward(std::span<const Place> places, std::span<float> logits) = 0;

  /// The same for one stream; further streams are fed the same and ignored.
  Logits logits(int token, int position);

  /// Begins to write names: stream i draws with Xorshift32(seed, first_stream + i), or at
  /// temperature 0 takes the most likely token each time.
  /// \param first_stream  what engines on several threads differ in, lest they write the same names
  /// \param beginning     letters that each name begins with; no random number is drawn for them
  /// \throws UsageError if the temperature is negative or no number.
  void start(std::uint64_t seed, float temperature, std::uint64_t first_stream = 0,
             std::span<const int> beginning = {});

  /// Writes on: the next tokens of every stream, BOS at a name's end included.
  /// \param tokens  (steps, streams), row-major. A stream goes on where the last call left it; a
  ///                call of forward() in between loses its past, so start() again after one.
  void generate(std::span<std::uint8_t> tokens);

 protected:
  /// The end of start(): what the engine's own write() needs besides.
  virtual void prepare() {}

  /// What generate() does at temperatures above 0, with no beginning given: here is all the speed.
  virtual void write(std::span<std::uint8_t> tokens);

  /// The token that follows, once forward() has said `logits` of a stream: what generate() does in
  /// all other cases, one stream after another.
  virtual int choose(std::span<const float, vocab_size> logits, std::uint32_t& random);

  std::vector<Place> places_;          ///< (streams) what generate() feeds next
  std::vector<std::uint32_t> random_;  ///< (streams) states of Xorshift32, as next_uniform() takes
  float temperature_ = 1;              ///< of the last start(); 0 for the most likely token

 private:
  template <class Choose>
  void write_by_logits(std::span<std::uint8_t> tokens, Choose&& choose);

  std::vector<int> beginning_;
  std::vector<float> logits_;  // (streams, vocab_size)
};

/// Cuts the tokens of one stream into names: after a BOS, and after block_size letters. A name not
/// finished is left out.
std::vector<std::vector<int>> names_of(std::span<const std::uint8_t> tokens, int stream = 0,
                                       int streams = 1);

}  // namespace ladder
