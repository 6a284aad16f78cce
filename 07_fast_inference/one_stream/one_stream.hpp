#pragma once
/// \file
/// What the engines of one stream in vectors share: all but the way from a token to lm_head.

#include <algorithm>

#include "07_fast_inference/model/part_clock.hpp"
#include "07_fast_inference/one_stream/head.hpp"

namespace ladder {
inline namespace LADDER_WIDTH {

/// \tparam Derived  has `Sixteen pass(int token, int position)`, which returns x after the MLP
template <class Derived>
class OneStream : public Engine {
 public:
  /// Copies the model.
  explicit OneStream(const MicroGpt& model) : model_(model) {
    plain_head_.scale(model, 1);
    head_.scale(model, log2_e);
  }

  void forward(std::span<const Place> places, std::span<float> logits) override {
    plain_head_.multiply(next_x(places[0])).copy_to(logits);
  }

 protected:
  void prepare() override { head_.scale(model_, log2_e / temperature_); }

  void write(std::span<std::uint8_t> tokens) override {
    Place place = places_[0];
    std::uint32_t random = random_[0];
    for (std::uint8_t& out : tokens) {
      const Logits32 logits = head_.multiply_safely(next_x(place));
      const int token = std::min(draw(logits, next_uniform(random)), bos_token);
      out = static_cast<std::uint8_t>(token);
      place = next_place(place, token);
    }
    places_[0] = place;
    random_[0] = random;
  }

  /// TimesParts::time_parts() of a Derived whose pass() takes a clock too, and ends its own parts.
  void time_steps(std::size_t steps, PartTicks& ticks) {
    for (PartClock<true> clock(ticks); steps > 0; --steps) {
      const auto [token_now, position] = places_[0];
      const Sixteen x = static_cast<Derived*>(this)->pass(token_now, position, clock);
      const Logits32 logits = head_.multiply_safely(x);
      clock.end(Part::head, logits);
      const int token = std::min(draw(logits, next_uniform(random_[0])), bos_token);
      places_[0] = next_place(places_[0], token);
      clock.end(Part::draw, places_[0]);
    }
  }

  const MicroGpt model_;  ///< of which the head is made anew for each temperature

 private:
  // x as lm_head reads it.
  LADDER_SHARED Sixteen next_x(Place place) {
    const Sixteen x = static_cast<Derived*>(this)->pass(place.token, place.position);
    if (model_.final_norm) [[unlikely]]
      return x * splat(1 / std::sqrt(dot(x, x)[0] / n_embd + norm_epsilon));
    return x;
  }

  Head plain_head_, head_;  // the logits as they are, and as powers of 2 at a temperature
};

}  // namespace LADDER_WIDTH
}  // namespace ladder
