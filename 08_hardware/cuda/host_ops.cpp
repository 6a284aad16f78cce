// v1 and v2 on this processor: a loop for each kernel.
#include <algorithm>

#include "08_hardware/cuda/emulated.hpp"
#include "08_hardware/cuda/inference/v1_launch_per_op.hpp"

namespace ladder::gpu {
namespace {

class HostOps : public Engine {
 public:
  HostOps(const MicroGpt& model, bool backwards) : model_(model), backwards_(backwards) {}

  void forward(std::span<const Place> places, std::span<float> logits) override {
    run(places[0]);
    std::copy_n(between_.logits, vocab_size, logits.begin());
  }

 protected:
  void prepare() override {
    between_.random = random_[0];
    between_.scale = log2_of_e / temperature_;
  }

  void write(std::span<std::uint8_t> tokens) override {
    for (std::uint8_t& token : tokens) {
      run(places_[0]);
      token = static_cast<std::uint8_t>(between_.drawn);
      places_[0] = next_place(places_[0], between_.drawn);
    }
  }

 private:
  void run(Place place) {
    between_.token = place.token;
    between_.position = place.position;
    const auto launch = [this](int threads, const auto& op) {
      for (int i = 0; i < threads; ++i) op(backwards_ ? threads - 1 - i : i);
    };
    launch_token(launch, &model_, model_.final_norm, &between_);
  }

  MicroGpt model_;
  bool backwards_;
  Between between_{};
};

}  // namespace

std::unique_ptr<Engine> make_host_v1(const MicroGpt& model, bool backwards) {
  return std::make_unique<HostOps>(model, backwards);
}

}  // namespace ladder::gpu
