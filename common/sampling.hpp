#pragma once
/// \file
/// How a name is drawn from a model, the same way in every stage: a random number picks a token by
/// its probability, until BOS is drawn or the block is full.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "common/tokenizer.hpp"

namespace ladder {

/// The state in which the random numbers of a stream begin. `seed` is the reader's, 64 bits; stream
/// 0 writes the names of a program that writes one at a time, an engine that writes many has
/// streams 0, 1, 2, … Both are stirred into all 32 bits (SplitMix64, twice), so that seeds 42 and
/// 43 share no stream and no bit of a seed is lost. Never 0, where xorshift would stand still.
std::uint32_t first_random_state(std::uint64_t seed, std::uint64_t stream = 0);

/// Marsaglia's xorshift with shifts 13, 17, 5 (2003): small enough for a chip, and so the one
/// random number generator that every engine of the ladder samples with.
class Xorshift32 {
 public:
  /// Begins at first_random_state(seed, stream).
  explicit Xorshift32(std::uint64_t seed, std::uint64_t stream = 0)
      : state_(first_random_state(seed, stream)) {}

  /// The next state, and so the next 32 random bits; never 0.
  std::uint32_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_;
  }

  /// Uniform in [0, 1), a multiple of 2^-24, so exact in a float too.
  float uniform() { return static_cast<float>(next() >> 8) * 0x1p-24f; }

 private:
  std::uint32_t state_;
};

/// The first token whose running sum of unnormalised probabilities exceeds u times their total.
int sample_index(std::span<const double> weights, double u);

/// exp(logit / temperature), not divided by their sum, the largest being 1.
/// \throws Error if the temperature is not above 0, a logit is NaN or +infinity, or all are
/// -infinity.
std::vector<double> softmax_weights(std::span<const double> logits, double temperature);

/// The next token: drawn by sample_index() from softmax_weights(), or at temperature 0 the most
/// likely one (the first of several), whatever `u` is.
int next_token(std::span<const double> logits, double temperature, double u);

/// A model as sampling sees it: logits of the next token, shape (vocab_size), after the tokens so
/// far (BOS not among them).
using NextLogits = std::function<std::vector<double>(std::span<const int> so_far)>;

/// Draws one name that begins with `start`, of at most `block_size` tokens, the end not counted.
Tokens sample_name(const NextLogits& next_logits, int bos, int block_size, double temperature,
                   Xorshift32& random, const Tokens& start = {});

/// What each token of a name costs, its end included: -ln of the probability the model gives it, in
/// nats. A name that fills the block has no room left in which its end could be predicted.
/// \returns (name.size() + 1), or (block_size) if that is less
std::vector<double> token_nlls(const NextLogits& next_logits, const Tokens& name, int bos,
                               int block_size);

/// NLL of one name under the model: the mean of token_nlls(), nats per predicted token.
double name_nll(const NextLogits& next_logits, const Tokens& name, int bos, int block_size);

}  // namespace ladder
