#include "07_fast_inference/many_streams/prefix_trie.hpp"

#include <algorithm>

namespace ladder {
namespace {

// f(1), f(2), f(4), … up to half a vector: what brings all lanes of one together.
template <class F>
[[gnu::always_inline]] inline void for_each_step(F&& f) {
  f(std::integral_constant<int, 1>());
  f(std::integral_constant<int, 2>());
  if constexpr (lanes > 4) f(std::integral_constant<int, 4>());
  if constexpr (lanes > 8) f(std::integral_constant<int, 8 % lanes>());
}

}  // namespace

PrefixTrie::PrefixTrie(std::size_t most_bytes, float temperature, const Logits& after_bos)
    : temperature_(temperature),
      most_(static_cast<int>(std::clamp<std::size_t>(most_bytes / bytes_a_node, 2, 1 << 30))),
      // Room is asked for, not touched: a page costs memory when its first node is made.
      nodes_(std::allocator<Node>().allocate(static_cast<std::size_t>(most_))) {
  logits_.reserve(static_cast<std::size_t>(most_));  // so they never move either
  add(after_bos);                                    // the root
  add(after_bos);                                    // outside: nobody asks for its sums
  for (auto& child : nodes_[outside].child) child = outside;
}

PrefixTrie::PrefixTrie(PrefixTrie& known, float temperature)
    : PrefixTrie(known.most_bytes(), temperature, known.logits(root)) {
  const std::lock_guard lock(known.adding_);
  for (int node = outside + 1; node < known.count_; ++node) add(known.logits(node));
  for (int node = root; node < known.count_; ++node) {
    for (int token = 0; token < bos_token; ++token) {
      nodes_[node].child[token] = known.nodes_[node].child[token].load();
    }
  }
}

PrefixTrie::~PrefixTrie() {
  std::allocator<Node>().deallocate(nodes_, static_cast<std::size_t>(most_));
}

int PrefixTrie::child_not_known(int node, int token) {
  if (count_.load(std::memory_order_relaxed) == most_) return outside;
  // Another thread may do the same just now, or even have added the child: it must not be lost.
  int seen = 0;
  if (nodes_[node].child[token].compare_exchange_strong(seen, wanted)) return outside;
  return seen;
}

int PrefixTrie::remember(int node, int token, const Logits& logits) {
  const std::lock_guard lock(adding_);
  auto& child = nodes_[node].child[token];
  const int there = child.load(std::memory_order_relaxed);
  if (there > 0) return there;
  if (count_ == most_) return outside;
  const int added = add(logits);
  child.store(added, std::memory_order_release);  // who sees it sees all that was written before
  return added;
}

int PrefixTrie::add(const Logits& logits) {
  const int added = count_;
  weigh(logits, temperature_, std::construct_at(nodes_ + added)->sums);
  logits_.push_back(logits);
  count_ = added + 1;
  return added;
}

void PrefixTrie::weigh(const Logits& logits, float temperature, Sums& sums) {
  constexpr int parts = 32 / lanes;
  alignas(64) float padded[parts * lanes];
  std::fill(std::copy(logits.begin(), logits.end(), padded), std::end(padded), -1e30f);
  Lanes largest = load(padded);
  for (int p = 1; p < parts; ++p) largest = max(largest, load(padded + p * lanes));
  for_each_step([&](auto w) { largest = max(largest, xor_lanes<w>(largest)); });
  const float factor = 1.44269504f / temperature;  // log2(e): powers of 2 are wanted
  IntLanes lane;
  for (int i = 0; i < lanes; ++i) lane[i] = i;
  // Running sums within each vector: after the step for w, `total` is the sum over blocks of 2w
  // lanes, and `sum` that of the lanes up to this one within its block.
  Lanes sum[parts], before = {};
  for (int p = 0; p < parts; ++p) {
    const IntLanes exists = lane + p * lanes < vocab_size;
    const Lanes weight = exp2(max((load(padded + p * lanes) - largest) * factor, splat(-126)));
    sum[p] = from_bits(bits(weight) & exists);
    Lanes total = sum[p];
    for_each_step([&](auto w) __attribute__((always_inline)) {
      const Lanes other = xor_lanes<w>(total);
      sum[p] += from_bits(bits(other) & ((lane & int{w}) != 0));
      total += other;
    });
    sum[p] += before;
    before += total;
  }
  for (int p = 0; p < parts; ++p) {
    const IntLanes is_letter = lane + p * lanes < bos_token;
    store(sums + p * lanes, is_letter ? sum[p] / before : splat(2));
  }
}

}  // namespace ladder
