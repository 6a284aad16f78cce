// Names begin alike: most of what is asked has been answered before. Answers are kept in a trie, a
// node for each beginning of a name, as a serving system keeps the prefixes of its prompts. That is
// remembering, not computing, so the table shows it apart. Memory is bounded: when the trie is
// full, what is not in it is worked out as before. One trie serves all streams, and the engines of
// all threads. What a walk costs is waiting for memory, so many streams walk at once, and each asks
// for its next node a turn before it reads it.
#include <algorithm>

#include "07_fast_inference/many_streams/many_streams_engines.hpp"
#include "07_fast_inference/many_streams/prefix_trie.hpp"
#include "07_fast_inference/one_stream/one_stream_engines.hpp"

namespace ladder {
namespace {

constexpr int n_streams = 48;

class PrefixCache : public Engine {
 public:
  PrefixCache(const MicroGpt& model, std::size_t most_bytes)
      : PrefixCache(model, std::shared_ptr<PrefixTrie>()) {
    trie_ = std::make_shared<PrefixTrie>(most_bytes, temperature_, inner_->logits(bos_token, 0));
  }
  PrefixCache(const MicroGpt& model, std::shared_ptr<PrefixTrie> trie)
      : Engine(n_streams), model_(model), inner_(make_tables(model)), trie_(std::move(trie)) {}

  std::size_t precomputed_bytes() const override { return inner_->precomputed_bytes(); }
  std::optional<CacheUse> cache_use() const override {
    return CacheUse{trie_->bytes(), trie_->most_bytes(), asked_, asked_ - computed_};
  }
  std::unique_ptr<Engine> another() const override {
    return std::make_unique<PrefixCache>(model_, trie_);
  }

  void forward(std::span<const Place> places, std::span<float> logits) override {
    for (int s = 0; s < n_streams; ++s) {
      go_to(s, places[static_cast<std::size_t>(s)]);
      const Logits& answer = knows(s) ? trie_->logits(at_[s]) : logits_;
      std::copy(answer.begin(), answer.end(), logits.begin() + s * vocab_size);
    }
  }

 protected:
  void prepare() override {
    if (trie_->temperature() != temperature_) {
      // What is shared stays as it is for those who share it; this engine goes on with a copy.
      trie_ = std::make_shared<PrefixTrie>(*trie_, temperature_);
    }
    for (int s = 0; s < n_streams; ++s) go_to(s, {});
  }

  void write(std::span<std::uint8_t> tokens) override {
    for (std::size_t step = 0; step + n_streams <= tokens.size(); step += n_streams) {
      for (int s = 0; s < n_streams; ++s) {
        const auto i = static_cast<std::size_t>(s);
        const auto& sums = knows(s) ? trie_->sums(at_[s]) : sums_;
        const int token = PrefixTrie::draw(sums, next_uniform(random_[i]));
        tokens[step + i] = static_cast<std::uint8_t>(token);
        places_[i] = next_place(places_[i], token);
        go_to(s, places_[i]);
      }
    }
  }

 private:
  // Walks on to the node of this place.
  [[gnu::always_inline]] void go_to(int s, Place place) {
    name_[s][place.position] = static_cast<std::uint8_t>(place.token);
    position_[s] = place.position;
    parent_[s] = at_[s];
    const bool begins = place.position == 0, is_bos = place.token == bos_token;
    if (begins && is_bos) {
      at_[s] = PrefixTrie::root;
    } else {  // nothing is remembered of names that do not begin with BOS, or read it again
      at_[s] = begins || is_bos ? PrefixTrie::outside : trie_->child(at_[s], place.token);
    }
    if (at_[s] > PrefixTrie::outside) trie_->prefetch(at_[s]);
  }

  // Whether the trie knows what comes next. If not, it is worked out, and put into the trie where
  // that is wanted, or else into logits_ and sums_.
  [[gnu::always_inline]] bool knows(int s) {
    ++asked_;
    if (at_[s] != PrefixTrie::outside && at_[s] != PrefixTrie::wanted) return true;
    compute(s);
    return at_[s] != PrefixTrie::outside;
  }

  void compute(int s) {
    ++computed_;
    const int position = position_[s];
    const int token = name_[s][position];
    inner_->set_past(0, std::span(name_[s]).first(static_cast<std::size_t>(position)));
    const Place place{token, position};
    inner_->forward({&place, 1}, logits_);
    if (at_[s] == PrefixTrie::wanted) at_[s] = trie_->remember(parent_[s], token, logits_);
    if (at_[s] == PrefixTrie::outside) PrefixTrie::weigh(logits_, temperature_, sums_);
  }

  const MicroGpt model_;
  std::unique_ptr<Engine> inner_;  // computes
  std::shared_ptr<PrefixTrie> trie_;

  int at_[n_streams] = {};                    // node of each stream, or what child() said instead
  int parent_[n_streams] = {};                // the node before
  int position_[n_streams] = {};              // of the token it reads next
  std::uint8_t name_[n_streams][block_size];  // up to that token
  Logits logits_;                             // of the last beginning that found no place …
  alignas(64) PrefixTrie::Sums sums_;         // … in the trie
  std::size_t asked_ = 0, computed_ = 0;      // tokens
};

}  // namespace

std::unique_ptr<Engine> make_prefix_cache(const MicroGpt& model) {
  return make_prefix_cache(model, std::size_t{128} << 20);
}

std::unique_ptr<Engine> make_prefix_cache(const MicroGpt& model, std::size_t most_bytes) {
  return std::make_unique<PrefixCache>(model, most_bytes);
}

}  // namespace ladder
