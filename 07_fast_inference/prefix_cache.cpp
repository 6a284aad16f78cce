// Names begin alike: most of what is asked has been answered before. Answers are kept in a trie, a
// node for each beginning of a name, as a serving system keeps the prefixes of its prompts. That is
// remembering, not computing, so the table shows it apart. Memory is bounded: when the trie is
// full, what is not in it is worked out as before. One trie serves all streams, and the engines of
// all threads. What a walk costs is waiting for memory, so many streams walk at once, and each asks
// for its next node a turn before it reads it.
#include <algorithm>

#include "07_fast_inference/engines.hpp"
#include "07_fast_inference/prefix_trie.hpp"

namespace ladder {
namespace {

constexpr int n_streams = 96;

class PrefixCache : public Engine {
 public:
  PrefixCache(const MicroGpt& model, std::size_t most_bytes)
      : PrefixCache(model, std::shared_ptr<PrefixTrie>()) {
    trie_ = std::make_shared<PrefixTrie>(most_bytes, temperature_, inner_->logits(bos_token, 0));
  }
  PrefixCache(const MicroGpt& model, std::shared_ptr<PrefixTrie> trie)
      : Engine(n_streams),
        model_(model),
        inner_(make_streams(model)),
        inner_places_(static_cast<std::size_t>(inner_->streams())),
        inner_logits_(inner_places_.size() * vocab_size),
        trie_(std::move(trie)) {}

  std::unique_ptr<Engine> another() const override {
    return std::make_unique<PrefixCache>(model_, trie_);
  }
  std::size_t precomputed_bytes() const override { return inner_->precomputed_bytes(); }
  std::optional<CacheUse> cache_use() const override {
    return CacheUse{trie_->bytes(), trie_->most_bytes(), asked_, asked_ - computed_};
  }

  void forward(std::span<const Place> places, std::span<float> logits) override {
    missing_count_ = 0;
    for (int s = 0; s < n_streams; ++s) go_to(s, places[static_cast<std::size_t>(s)]);
    compute_missing();
    for (int s = 0; s < n_streams; ++s) {
      const Logits& answer = at_[s] == PrefixTrie::outside ? logits_[s] : trie_->logits(at_[s]);
      std::copy(answer.begin(), answer.end(), logits.begin() + vocab_size * s);
    }
  }

  void start(std::uint32_t seed, float temperature) override {
    Engine::start(seed, temperature);
    if (trie_->temperature() != temperature_) {
      // From now on this engine shares with those that another() makes of it.
      trie_ = std::make_shared<PrefixTrie>(*trie_, temperature_);
    }
    missing_count_ = 0;
    for (int s = 0; s < n_streams; ++s) go_to(s, {});
  }

  void generate(std::span<std::uint8_t> tokens) override {
    for (std::size_t step = 0; step + n_streams <= tokens.size(); step += n_streams) {
      compute_missing();
      for (int s = 0; s < n_streams; ++s) {
        const auto i = static_cast<std::size_t>(s);
        const auto& sums = at_[s] == PrefixTrie::outside ? sums_[s] : trie_->sums(at_[s]);
        const int token = PrefixTrie::draw(sums, next_uniform(random_[i]));
        tokens[step + i] = static_cast<std::uint8_t>(token);
        places_[i] = next_place(places_[i], token);
        go_to(s, places_[i]);
      }
    }
  }

 private:
  // The next node of stream s; if there is none, s is put on the list of what is to be computed.
  [[gnu::always_inline]] void go_to(int s, Place place) {
    name_[s][place.position] = static_cast<std::uint8_t>(place.token);
    position_[s] = place.position;
    const int next = place.position == 0 ? PrefixTrie::root : trie_->child(at_[s], place.token);
    parent_[s] = next == PrefixTrie::wanted ? at_[s] : PrefixTrie::outside;
    at_[s] = next == PrefixTrie::wanted ? PrefixTrie::outside : next;
    trie_->prefetch(at_[s]);
    missing_[missing_count_] = s;
    missing_count_ += at_[s] == PrefixTrie::outside;
  }

  // What the trie does not know, for as many streams at a time as the engine that computes has.
  void compute_missing() {
    asked_ += n_streams;
    computed_ += static_cast<std::size_t>(missing_count_);
    const int width = inner_->streams();
    for (int first = 0; first < missing_count_; first += width) {
      const std::span group(missing_ + first, std::min(width, missing_count_ - first));
      for (int i = 0; const int s : group) {
        const auto position = static_cast<std::size_t>(position_[s]);
        inner_->set_past(i, std::span(name_[s]).first(position));
        inner_places_[i++] = {name_[s][position], position_[s]};
      }
      inner_->forward(inner_places_, inner_logits_);
      for (std::size_t i = 0; const int s : group) {
        std::copy_n(inner_logits_.begin() + vocab_size * i++, vocab_size, logits_[s].begin());
        keep(s);
      }
    }
    missing_count_ = 0;
  }

  // Puts a stream's new logits where they belong: in the trie, or only beside the stream.
  void keep(int s) {
    if (parent_[s] != PrefixTrie::outside) {
      at_[s] = trie_->remember(parent_[s], name_[s][position_[s]], logits_[s]);
    }
    if (at_[s] == PrefixTrie::outside) PrefixTrie::weigh(logits_[s], temperature_, sums_[s]);
  }

  const MicroGpt model_;
  std::unique_ptr<Engine> inner_;  // computes
  std::vector<Place> inner_places_;
  std::vector<float> inner_logits_;
  std::shared_ptr<PrefixTrie> trie_;

  int at_[n_streams] = {};                    // node of each stream
  int parent_[n_streams];                     // whose child its logits will be, or `outside`
  std::uint8_t name_[n_streams][block_size];  // what it has read so far, its last token …
  int position_[n_streams] = {};              // … here
  int missing_[n_streams + 1];                // streams whose logits are to be computed
  int missing_count_ = 0;
  Logits logits_[n_streams];                      // of those outside
  alignas(64) PrefixTrie::Sums sums_[n_streams];  // likewise
  std::size_t asked_ = 0, computed_ = 0;          // tokens
};

}  // namespace

std::unique_ptr<Engine> make_prefix_cache(const MicroGpt& model) {
  return make_prefix_cache(model, std::size_t{64} << 20);
}

std::unique_ptr<Engine> make_prefix_cache(const MicroGpt& model, std::size_t most_bytes) {
  return std::make_unique<PrefixCache>(model, most_bytes);
}

}  // namespace ladder
