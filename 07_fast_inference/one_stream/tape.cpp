// Stage 06's forward pass as it was trained: on the tape. Every token builds the graph that a
// gradient would need and never gets, in double precision; and there is no KV cache, so each token
// runs the whole name before it once more.
#include "06_gpt_adam/gpt_weights.hpp"
#include "07_fast_inference/one_stream/one_stream_engines.hpp"

namespace ladder {
namespace {

class Tape : public Engine {
 public:
  explicit Tape(const MicroGpt& model)
      : gpt_(gpt_from_weights(to_weights(model))), next_logits_(gpt_.next_logits()) {}

  void forward(std::span<const Place> places, std::span<float> logits) override {
    const auto [token, position] = places[0];
    name_.resize(static_cast<std::size_t>(position));  // BOS is not among its letters
    if (position > 0) name_.back() = token;
    const std::vector<double> row = next_logits_(name_);
    for (std::size_t i = 0; i < vocab_size; ++i) logits[i] = static_cast<float>(row[i]);
  }

 private:
  Gpt gpt_;
  NextLogits next_logits_;
  Tokens name_;  // so far
};

}  // namespace

std::unique_ptr<Engine> make_tape(const MicroGpt& model) { return std::make_unique<Tape>(model); }

}  // namespace ladder
