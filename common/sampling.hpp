#pragma once
/// \file
/// How a name is drawn from a model, the same way on every rung: a random number picks a token by
/// its probability, until BOS is drawn or the block is full.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "common/tokenizer.hpp"

namespace ladder {

/// Marsaglia's xorshift with shifts 13, 17, 5 (2003): small enough for a chip, and so the one
/// random number generator that every engine of the ladder samples with.
class Xorshift32 {
 public:
  /// Nearby seeds are spread by a multiplication with 2^32 / golden ratio. From a state of 0 the
  /// generator would never move, so seed 0 starts where no seed that a reader types does.
  explicit Xorshift32(std::uint32_t seed) : state_(seed * 0x9E3779B1u) {
    if (state_ == 0) state_ = 0x7FEB352Du;
  }

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

/// A model as sampling sees it: logits of the next token, shape (vocab_size), after the tokens so
/// far (BOS not among them).
using NextLogits = std::function<std::vector<double>(std::span<const int> so_far)>;

/// Draws one name of at most `block_size` tokens, the end not counted.
Tokens sample_name(const NextLogits& next_logits, int bos, int block_size, double temperature,
                   Xorshift32& random);

/// NLL of one name under the model: nats per predicted token, its end included. A name that fills
/// the block has no room left in which its end could be predicted.
double name_nll(const NextLogits& next_logits, const Tokens& name, int bos, int block_size);

/// A name a model made up, as programs print it.
struct Sample {
  std::string name;
  double nll;  ///< nats per predicted token under the model itself
};

/// Draws `count` names and prices each at temperature 1.
std::vector<Sample> sample_names(const NextLogits& next_logits, const Tokenizer& tokenizer,
                                 int count, int block_size, double temperature, std::uint64_t seed);

}  // namespace ladder
