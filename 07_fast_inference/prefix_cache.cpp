// Names begin alike: most of what is asked has been answered before. Answers are kept in a trie, a
// node for each beginning of a name, as a serving system keeps the prefixes of its prompts. That is
// remembering, not computing, so the table shows it apart. Memory is bounded: when the trie is
// full, what is not in it is worked out as before.
#include <algorithm>
#include <cmath>

#include "07_fast_inference/engines.hpp"

namespace ladder {
namespace {

class PrefixCache : public Engine {
 public:
  explicit PrefixCache(const MicroGpt& model) : inner_(make_tables(model)) {
    nodes_.reserve(most_nodes);
    nodes_.resize(1);
  }

  std::size_t precomputed_bytes() const override { return inner_->precomputed_bytes(); }

  void forward(std::span<const Place> places, std::span<float> logits) override {
    const Node& node = visit(places[0]);
    std::copy(node.logits.begin(), node.logits.end(), logits.begin());
  }

  void start(std::uint32_t seed, float temperature) override {
    Engine::start(seed, temperature);
    for (Node& node : nodes_) weigh(node);  // another temperature, other weights
  }

  void generate(std::span<std::uint8_t> tokens) override {
    for (std::uint8_t& out : tokens) {
      const Node& node = visit(places_[0]);
      const float threshold = next_uniform(random_[0]) * node.running[vocab_size - 1];
      int token = 0;
      for (int i = 0; i < vocab_size - 1; ++i) token += node.running[i] <= threshold;
      out = static_cast<std::uint8_t>(token);
      places_[0] = next_place(places_[0], token);
    }
  }

 private:
  static constexpr std::size_t most_nodes = 1 << 16;  // 21 MB

  struct Node {
    Logits logits;               // after this beginning of a name
    float running[vocab_size];   // running sums of exp(logit / temperature)
    int child[vocab_size] = {};  // by the letter that comes next; 0 is none
    bool known = false;
  };

  // The node of the name so far, with this token added to it.
  const Node& visit(Place place) {
    if (place.position == 0) at_ = fed_ = 0;
    if (at_ != outside) at_ = step(place.token);
    prefix_[place.position] = place.token;
    Node& node = at_ == outside ? spare_ : nodes_[static_cast<std::size_t>(at_)];
    if (!node.known) {
      // The engine that computes is fed what it has not seen of this name.
      for (; fed_ <= place.position; ++fed_) node.logits = inner_->logits(prefix_[fed_], fed_);
      weigh(node);
      node.known = at_ != outside;
    }
    return node;
  }

  int step(int token) {
    int& child = nodes_[static_cast<std::size_t>(at_)].child[token];
    if (child == 0) {
      if (nodes_.size() == most_nodes) return outside;
      child = static_cast<int>(nodes_.size());
      nodes_.emplace_back();  // within what was reserved: `child` stays where it is
    }
    return child;
  }

  void weigh(Node& node) const {
    const float largest = *std::max_element(node.logits.begin(), node.logits.end());
    float sum = 0;
    for (std::size_t i = 0; i < vocab_size; ++i) {
      sum += std::exp((node.logits[i] - largest) / temperature_);
      node.running[i] = sum;
    }
  }

  static constexpr int outside = -1;
  std::unique_ptr<Engine> inner_;
  std::vector<Node> nodes_;  // node 0 is where every name starts: nothing is fed yet
  Node spare_{};             // for what found no room
  int at_ = 0;
  int prefix_[block_size] = {};
  int fed_ = 0;  // tokens of this name that inner_ has seen
};

}  // namespace

std::unique_ptr<Engine> make_prefix_cache(const MicroGpt& model) {
  return std::make_unique<PrefixCache>(model);
}

}  // namespace ladder
