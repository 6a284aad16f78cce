#include "08_hardware/cuda/training/trainer.hpp"

#include <cmath>

#include <fmt/format.h>

#include "common/error.hpp"

namespace ladder::gpu {

StepTrainer::StepTrainer(const ModelLayout& layout, std::span<const float> parameters)
    : layout_(layout) {
  if (layout.width < 16 || layout.width > widest || layout.width % 16 != 0) {
    throw Error(fmt::format("the kernels train widths of 16, 32, 48, … {}, and this is {}", widest,
                            layout.width));
  }
  if (std::ssize(parameters) != layout.size()) {
    throw Error(fmt::format("a model of width {} has {} numbers, and these are {}", layout.width,
                            layout.size(), parameters.size()));
  }
}

AdamStep StepTrainer::next_adam(double lr) {
  ++steps_;
  const auto correction = [this](double beta) {
    return static_cast<float>(1 / (1 - std::pow(beta, static_cast<double>(steps_))));
  };
  return {.lr = static_cast<float>(lr),
          .beta1 = static_cast<float>(options_.beta1),
          .beta2 = static_cast<float>(options_.beta2),
          .epsilon = static_cast<float>(options_.epsilon),
          .m_scale = correction(options_.beta1),
          .v_scale = correction(options_.beta2)};
}

}  // namespace ladder::gpu
