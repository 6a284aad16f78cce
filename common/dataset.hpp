#pragma once
/// \file
/// Which names a model learns from, and which ones it is examined on.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/tokenizer.hpp"

namespace ladder {

/// The two protocols of the ladder.
/// *corpus*: learn from all rows and measure on the same rows; `held_out` is empty.
/// *held out*: each different name once, shuffled by the seed, 90% to learn from, 10% to be
/// examined on.
struct Dataset {
  std::vector<Tokens> train;     ///< learned from
  std::vector<Tokens> held_out;  ///< examined on; empty by the protocol *corpus*
};

/// The protocol *corpus*: all names to learn from, in their order, none held out.
Dataset whole_corpus(std::vector<Tokens> names);

/// The protocol *held out*: sorted, each name once, shuffled by `seed`, and cut after nine tenths.
/// \throws Error if there are fewer than ten different names to split.
Dataset split_held_out(std::vector<Tokens> names, std::uint64_t seed);

/// Characters to predict in these names: their letters, and one end each.
std::size_t count_predictions(const std::vector<Tokens>& names);

/// Examples (or names) of one step, as Batches::next() gives them; the tokens lie elsewhere.
using Batch = std::span<const Tokens* const>;

/// Names in random order, each once before any comes again (an epoch), a batch at a time.
class Batches {
 public:
  /// \param names  are not copied, and must outlive this
  /// \throws Error if there are no names or batches of none
  Batches(const std::vector<Tokens>& names, std::size_t batch_size, std::uint64_t seed);

  /// Pointers into the `names` given to the constructor; a batch may span two epochs.
  const std::vector<const Tokens*>& next();

 private:
  std::vector<const Tokens*> order_;
  std::vector<const Tokens*> batch_;
  std::size_t next_ = 0;
  std::uint64_t seed_;
  std::uint64_t epoch_ = 0;
};

}  // namespace ladder
