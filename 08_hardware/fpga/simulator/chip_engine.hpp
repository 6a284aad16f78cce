#pragma once
/// \file
/// The simulated chip as an engine of stage 7: same weights in, same names out, and its speed is a
/// number of cycles that no second belongs to.

#include "07_fast_inference/fixed_point/q4_12.hpp"
#include "07_fast_inference/model/engine_kind.hpp"
#include "08_hardware/fpga/simulator/chip.hpp"

namespace ladder {

/// One stream, or all four interleaved.
class ChipEngine : public Engine {
 public:
  /// \param streams  1, or chip_streams
  ChipEngine(const FixedModel& model, int streams);

  /// Feeds each stream its token and lets the chip run until it has shown all logits.
  void forward(std::span<const Place> places, std::span<float> logits) override;

  std::uint64_t simulated_cycles() const override { return chip_.cycles(); }

  /// What forward() saw, as 32-bit sums.
  const std::vector<FixedSums>& last_sums() const { return sums_; }

 protected:
  /// The chip runs freely: its own sampler, with the streams' random numbers.
  void prepare() override;
  void write(std::span<std::uint8_t> tokens) override;
  int choose(std::span<const float, vocab_size> logits, std::uint32_t& random) override;

 private:
  Chip chip_;
  FixedPointEngine sampler_;  // for choose(), which draws between two calls of forward()
  double logit_unit_;
  bool taught_ = false;
  std::vector<FixedSums> sums_;
};

/// What the chip's temperature pins say: 1 / temperature in unsigned Q6.10, as the model in C++ has
/// it. \param temperature  above 0
std::uint16_t inverse_temperature_of(double temperature);

/// The chip's two modes, and the model in C++ that it equals bit for bit.
std::span<const EngineKind> chip_kinds();

}  // namespace ladder
