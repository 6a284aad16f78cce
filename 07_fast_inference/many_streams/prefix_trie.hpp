#pragma once
/// \file
/// Beginnings of names, and what the model says comes next: the memory of `prefix_cache`.

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "07_fast_inference/model/engine.hpp"
#include "07_fast_inference/one_stream/simd.hpp"

namespace ladder {

/// A trie: a node for each beginning of a name, its children one letter longer. Any number of
/// threads may walk it while others add to it. A walk never waits, for a node that can be reached
/// is finished and never changes again, but for its list of children; adding takes a lock.
class PrefixTrie {
 public:
  static constexpr int root = 0;     ///< BOS alone, always known
  static constexpr int outside = 1;  ///< every beginning that is not remembered
  /// Running sums of probability for a token in each slot, and 2, which no u reaches, from BOS on.
  using Sums = float[32];

  /// \param most_bytes   nodes are added until they take this much; two there always are
  /// \param temperature  what the sums are made for
  /// \param after_bos    logits of a name's first letter
  PrefixTrie(std::size_t most_bytes, float temperature, const Logits& after_bos);
  /// All that `known` knows so far, at another temperature.
  PrefixTrie(PrefixTrie& known, float temperature);
  ~PrefixTrie();
  PrefixTrie(const PrefixTrie&) = delete;
  PrefixTrie& operator=(const PrefixTrie&) = delete;

  /// Where a letter leads to. Outside, it leads outside.
  /// \returns the child; or `outside` if it is asked for the first time, or the trie is full; or
  ///          `wanted`. Most beginnings never come again: they are not worth a place, and so one
  ///          is only remembered when it is met for the second time.
  [[gnu::always_inline]] int child(int node, int token) {
    const int next = nodes_[node].child[token].load(std::memory_order_acquire);
    return next > 0 ? next : child_not_known(node, token);
  }
  static constexpr int wanted = -1;  ///< as child() says: remember() it

  /// Adds a child, or finds that another thread has. \returns it, or `outside` if the trie is full
  int remember(int node, int token, const Logits& logits);

  /// Asks for a node's memory some time before it is needed.
  [[gnu::always_inline]] void prefetch(int node) const {
    const char* from = reinterpret_cast<const char*>(nodes_ + node);
    for (std::size_t line = 0; line < sizeof(Node); line += 64) __builtin_prefetch(from + line);
  }

  /// What draw() takes after this beginning, at temperature(); those of `outside` mean nothing.
  const Sums& sums(int node) const { return nodes_[node].sums; }
  /// Of the token after this beginning; those of `outside` mean nothing.
  const Logits& logits(int node) const { return logits_[static_cast<std::size_t>(node)]; }
  float temperature() const { return temperature_; }  ///< what the sums are made for
  /// Memory of the nodes there are, their logits included.
  std::size_t bytes() const { return bytes_a_node * static_cast<std::size_t>(count_.load()); }
  /// Memory of as many nodes as there may be.
  std::size_t most_bytes() const { return bytes_a_node * static_cast<std::size_t>(most_); }

  /// The running sums of softmax(logits / temperature).
  static void weigh(const Logits& logits, float temperature, Sums& sums);

  /// The token that u draws, as sample_token() does.
  [[gnu::always_inline]] static int draw(const Sums& sums, float u) {
    int token = 0;
    for (int i = 0; i < 32; i += lanes) token += count_less_equal(load(sums + i), splat(u));
    return token;
  }

 private:
  // What drawing a token and finding the next node take, in four cache lines.
  struct alignas(64) Node {
    alignas(64) Sums sums;
    std::atomic<int> child[bos_token];  // 0: never asked for; `wanted`: asked for once
  };
  static constexpr std::size_t bytes_a_node = sizeof(Node) + sizeof(Logits);

  int child_not_known(int node, int token);
  int add(const Logits& logits);

  const float temperature_;
  const int most_;              // nodes
  Node* const nodes_;           // (most), of which `count` exist; they never move
  std::vector<Logits> logits_;  // (count), for another temperature and for who asks for them
  std::atomic<int> count_ = 0;  // changed under the lock only
  std::mutex adding_;
};

}  // namespace ladder
