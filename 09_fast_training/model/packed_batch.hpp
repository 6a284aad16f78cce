#pragma once
/// \file
/// A batch of names as one matrix with a row for each position, and no row for nothing.

#include <span>
#include <vector>

#include "09_fast_training/model/target.hpp"
#include "common/dataset.hpp"

namespace ladder {

/// How names become rows.
enum class Packing {
  names,   ///< each name's positions, one below the other: no padding
  padded,  ///< every name filled up to block_size rows, as a tensor of (names, block_size) would
  merged   ///< beginnings that names share once only: the batch is a trie
};

/// Alphabetical order, in which names that begin alike stand beside each other.
struct Alphabetical {
  /// \returns whether `a` comes first
  bool operator()(const Tokens* a, const Tokens* b) const { return *a < *b; }
};

/// The rows of a batch, each after its parent, the position before it; a row's descendants follow
/// it directly (depth first). So the row at position s that row n can see is the last one before it
/// (or itself) that has position s. Under causal attention a row depends on its ancestors and
/// nothing else: names that begin alike have the same rows as far as they agree, which is why
/// merging them is exact.
class PackedBatch {
 public:
  /// Packs names; of one longer than block_size - 1 letters only the first block_size predictions.
  /// What was there before is forgotten, its memory used again.
  void pack(Batch names, int bos, Packing packing = Packing::names);

  int rows() const { return static_cast<int>(tokens.size()); }  ///< N
  int pairs() const { return pairs_; }              ///< Σ (position + 1): (row, ancestor) pairs
  int predictions() const { return predictions_; }  ///< Σ count over all targets

  /// The targets of a row; a row of padding has none.
  std::span<const Target> targets_of(int row) const {
    const auto n = static_cast<std::size_t>(row);
    return std::span(targets).subspan(
        static_cast<std::size_t>(first_target[n]),
        static_cast<std::size_t>(first_target[n + 1] - first_target[n]));
  }

  std::vector<int> tokens,        ///< (N) what is read, BOS first
      positions,                  ///< (N) from 0 in each name
      parents;                    ///< (N) the row before it in its name; -1 at position 0
  std::vector<Target> targets;    ///< of row 0, of row 1, …
  std::vector<int> first_target;  ///< (N + 1) where those of each row begin

 private:
  void add_row(int token, int position, int parent);
  void add_target(int token);
  void pack_merged(Batch names, int bos);

  int pairs_ = 0, predictions_ = 0;

  // While merging, kept for their memory.
  struct Found {
    int row;
    Target target;
  };
  std::vector<const Tokens*> sorted_;
  std::vector<Found> found_;
  std::vector<int> next_;
};

}  // namespace ladder
