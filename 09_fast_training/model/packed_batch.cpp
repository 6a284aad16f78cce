#include "09_fast_training/model/packed_batch.hpp"

#include <algorithm>

#include "09_fast_training/model/gpt_shape.hpp"

namespace ladder {
namespace {

constexpr int block_size = GptShape::block_size;

// Predictions of a name: its letters and its end, as far as there is room.
int predictions_of(const Tokens& name) {
  return std::min(block_size, static_cast<int>(name.size()) + 1);
}

int letter(const Tokens& name, int i, int bos) {
  return i < static_cast<int>(name.size()) ? name[static_cast<std::size_t>(i)] : bos;
}

// Letters with which both names begin, of those that are read.
int common_beginning(const Tokens& a, const Tokens& b) {
  const int most = std::min(predictions_of(a), predictions_of(b)) - 1;
  return static_cast<int>(std::mismatch(a.begin(), a.begin() + most, b.begin()).first - a.begin());
}

}  // namespace

void PackedBatch::pack(Batch names, int bos, Packing packing) {
  tokens.clear(), positions.clear(), parents.clear(), targets.clear(), first_target.clear();
  pairs_ = predictions_ = 0;
  // Names lie anywhere in memory: all are fetched at once, and then waited for once.
  for (const Tokens* name : names) __builtin_prefetch(name);
  for (const Tokens* name : names) __builtin_prefetch(name->data());
  if (packing == Packing::merged) return pack_merged(names, bos);
  for (const Tokens* name : names) {
    const int predictions = predictions_of(*name);
    const int filled = packing == Packing::padded ? block_size : predictions;
    for (int t = 0; t < filled; ++t) {
      add_row(t == 0 ? bos : letter(*name, t - 1, bos), t, t == 0 ? -1 : rows() - 1);
      if (t < predictions) add_target(letter(*name, t, bos));
    }
  }
  first_target.push_back(static_cast<int>(targets.size()));
}

void PackedBatch::pack_merged(Batch names, int bos) {
  // 1. Names that begin alike side by side.
  sorted_.assign(names.begin(), names.end());
  std::sort(sorted_.begin(), sorted_.end(), Alphabetical());

  // 2. A name adds rows from where it differs from the one before it, whose rows are in `path`.
  //    What follows a row is in order too, so that equal targets come one after the other.
  int path[block_size];
  std::size_t latest[block_size];  // target of the row at each position
  found_.clear();
  const Tokens* before = nullptr;
  for (const Tokens* name : sorted_) {
    const int shared = before ? 1 + common_beginning(*before, *name) : 0;
    for (int t = 0; t < predictions_of(*name); ++t) {
      const int token = letter(*name, t, bos);
      if (t >= shared) {
        path[t] = rows();
        add_row(t == 0 ? bos : letter(*name, t - 1, bos), t, t == 0 ? -1 : path[t - 1]);
      }
      if (t < shared && found_[latest[t]].target.token == token) {
        ++found_[latest[t]].target.count;
      } else {
        latest[t] = found_.size();
        found_.push_back({path[t], {token, 1}});
      }
      ++predictions_;
    }
    before = name;
  }

  // 3. Each row's targets side by side: count them, and put each where its row's begin.
  first_target.assign(tokens.size() + 1, 0);
  for (const Found& found : found_) ++first_target[static_cast<std::size_t>(found.row) + 1];
  for (std::size_t n = 0; n < tokens.size(); ++n) first_target[n + 1] += first_target[n];
  next_.assign(first_target.begin(), first_target.end());
  targets.resize(found_.size());
  for (const Found& found : found_) {
    targets[static_cast<std::size_t>(next_[static_cast<std::size_t>(found.row)]++)] = found.target;
  }
}

void PackedBatch::add_row(int token, int position, int parent) {
  tokens.push_back(token);
  positions.push_back(position);
  parents.push_back(parent);
  first_target.push_back(static_cast<int>(targets.size()));
  pairs_ += position + 1;
}

void PackedBatch::add_target(int token) {
  targets.push_back({token, 1});
  ++predictions_;
}

}  // namespace ladder
