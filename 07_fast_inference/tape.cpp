// Stage 06's forward pass as it was trained: on the tape. Every token builds the graph that a
// gradient would need and never gets, in double precision; and there is no KV cache, so each token
// runs the whole name before it once more.
#include "07_fast_inference/engines.hpp"
#include "07_fast_inference/reference.hpp"

namespace ladder {
namespace {

class Tape : public Engine {
 public:
  explicit Tape(const MicroGpt& model) : reference_(model) {}

  void forward(std::span<const Place> places, std::span<float> logits) override {
    const auto row = reference_.logits(places[0].token, places[0].position);
    for (std::size_t i = 0; i < vocab_size; ++i) logits[i] = static_cast<float>(row[i]);
  }

 private:
  Reference reference_;
};

}  // namespace

std::unique_ptr<Engine> make_tape(const MicroGpt& model) { return std::make_unique<Tape>(model); }

}  // namespace ladder
