#include "08_hardware/cuda/training/gpt_numbers.hpp"

namespace ladder::gpu {
namespace {

ModelNumbers flat(Gpt& gpt, Matrix Parameter::*part) {
  ModelNumbers numbers;
  for (const Parameter* parameter : gpt.parameters()) {
    for (const double number : (parameter->*part).reshaped<Eigen::RowMajor>()) {
      numbers.push_back(static_cast<float>(number));
    }
  }
  return numbers;
}

}  // namespace

ModelNumbers numbers_of(Gpt& gpt) { return flat(gpt, &Parameter::value); }

ModelNumbers gradient_of(Gpt& gpt) { return flat(gpt, &Parameter::grad); }

void set_numbers(Gpt& gpt, const ModelNumbers& numbers) {
  auto next = numbers.begin();
  for (Parameter* parameter : gpt.parameters()) {
    for (double& number : parameter->value.reshaped<Eigen::RowMajor>()) {
      number = static_cast<double>(*next++);
    }
  }
}

}  // namespace ladder::gpu
