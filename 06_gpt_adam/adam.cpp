#include "06_gpt_adam/adam.hpp"

#include <cmath>

namespace ladder {

void Adam::update(std::span<Parameter* const> parameters, double lr) {
  if (moments_.empty()) {
    for (const Parameter* p : parameters) {
      const Eigen::ArrayXXd zero = Eigen::ArrayXXd::Zero(p->value.rows(), p->value.cols());
      moments_.push_back({zero, zero});
    }
  }
  ++step_;
  const auto& [beta1, beta2, epsilon] = options_;
  const double m_scale = 1 / (1 - std::pow(beta1, static_cast<double>(step_)));
  const double v_scale = 1 / (1 - std::pow(beta2, static_cast<double>(step_)));

  for (std::size_t i = 0; i < parameters.size(); ++i) {
    auto& [m, v] = moments_[i];
    const auto g = parameters[i]->grad.array();
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g.square();
    parameters[i]->value.array() -= lr * (m * m_scale) / ((v * v_scale).sqrt() + epsilon);
  }
}

}  // namespace ladder
