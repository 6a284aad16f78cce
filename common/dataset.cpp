#include "common/dataset.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "common/error.hpp"
#include "common/random.hpp"

namespace ladder {

Dataset whole_corpus(std::vector<Tokens> names) { return {std::move(names), {}}; }

Dataset split_held_out(std::vector<Tokens> names, std::uint64_t seed) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (names.size() < 10) {
    throw Error(fmt::format("{} different names are too few to hold some out; 10 is the least",
                            names.size()));
  }
  Random random(seed);
  random.shuffle(names);

  Dataset dataset;
  const auto cut = names.begin() + static_cast<std::ptrdiff_t>(names.size() * 9 / 10);
  dataset.train.assign(names.begin(), cut);
  dataset.held_out.assign(cut, names.end());

  const std::set<Tokens> learnt(dataset.train.begin(), dataset.train.end());
  for (const Tokens& name : dataset.held_out) {
    if (learnt.contains(name)) throw std::logic_error("a held-out name is in the training set");
  }
  return dataset;
}

std::size_t count_predictions(const std::vector<Tokens>& names) {
  std::size_t count = 0;
  for (const Tokens& name : names) count += name.size() + 1;
  return count;
}

Batches::Batches(const std::vector<Tokens>& names, std::size_t batch_size, std::uint64_t seed)
    : batch_(batch_size), seed_(seed) {
  if (names.empty() || batch_size == 0) throw Error("there are no names to learn from");
  for (const Tokens& name : names) order_.push_back(&name);
  next_ = order_.size();
}

const std::vector<const Tokens*>& Batches::next() {
  for (const Tokens*& name : batch_) {
    if (next_ == order_.size()) {
      Random random(seed_ + ++epoch_);
      random.shuffle(order_);
      next_ = 0;
    }
    name = order_[next_++];
  }
  return batch_;
}

}  // namespace ladder
