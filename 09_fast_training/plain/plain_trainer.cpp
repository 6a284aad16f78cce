// The textbook as a trainer.
#include <algorithm>
#include <cmath>

#include "09_fast_training/plain/plain_gpt.hpp"
#include "09_fast_training/trainer.hpp"

namespace ladder {
namespace {

template <class Number>
class PlainTrainer : public Trainer {
 public:
  PlainTrainer(const GptParameters& parameters, const OptimizerOptions& optimizer)
      : Trainer(parameters.shape),
        gpt_(parameters.shape),
        optimizer_(optimizer),
        gradient_(parameters.values.size()),
        m_(parameters.values.size()),
        v_(parameters.values.size()) {
    set_parameters(parameters);
  }

  void update(double lr) override { optimizer_.adam ? adam(lr) : sgd(lr); }
  double nats(const PackedBatch& batch) override {
    gpt_.forward(parameters_, batch);
    return gpt_.nats(batch);
  }
  std::vector<double> last_logits(const PackedBatch& batch) override {
    gpt_.forward(parameters_, batch);
    return {gpt_.logits().end() - shape().vocab_size, gpt_.logits().end()};
  }
  GptParameters parameters() const override { return as_parameters(parameters_); }
  void set_parameters(const GptParameters& parameters) override {
    parameters_.assign(parameters.values.begin(), parameters.values.end());
  }
  GptParameters gradient() const override { return as_parameters(gradient_); }
  FlatNumbers flat_gradient() override { return std::span(gradient_); }

 protected:
  double differentiate(const PackedBatch& batch, double predictions, bool add) override {
    if (!add) std::fill(gradient_.begin(), gradient_.end(), Number{0});
    const double sum = nats(batch);
    gpt_.backward(parameters_, batch, predictions, gradient_);
    return sum / predictions;
  }

 private:
  void sgd(double lr) {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      parameters_[i] -= static_cast<Number>(lr) * gradient_[i];
    }
  }
  // adam.hpp has the formulas.
  void adam(double lr) {
    ++steps_;
    const auto beta1 = static_cast<Number>(optimizer_.options.beta1);
    const auto beta2 = static_cast<Number>(optimizer_.options.beta2);
    const auto epsilon = static_cast<Number>(optimizer_.options.epsilon);
    const auto t = static_cast<double>(steps_);
    const auto m_scale = static_cast<Number>(1 / (1 - std::pow(optimizer_.options.beta1, t)));
    const auto v_scale = static_cast<Number>(1 / (1 - std::pow(optimizer_.options.beta2, t)));
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      const Number g = gradient_[i];
      m_[i] = beta1 * m_[i] + (1 - beta1) * g;
      v_[i] = beta2 * v_[i] + (1 - beta2) * g * g;
      parameters_[i] -=
          static_cast<Number>(lr) * m_[i] * m_scale / (std::sqrt(v_[i] * v_scale) + epsilon);
    }
  }
  GptParameters as_parameters(const std::vector<Number>& numbers) const {
    GptParameters result(shape());
    result.values.assign(numbers.begin(), numbers.end());
    return result;
  }

  PlainGpt<Number> gpt_;
  OptimizerOptions optimizer_;
  std::vector<Number> parameters_, gradient_, m_, v_;
  long steps_ = 0;
};

}  // namespace

template <class Number>
std::unique_ptr<Trainer> make_plain_trainer(const GptParameters& parameters,
                                            const OptimizerOptions& optimizer) {
  return std::make_unique<PlainTrainer<Number>>(parameters, optimizer);
}

template std::unique_ptr<Trainer> make_plain_trainer<float>(const GptParameters&,
                                                            const OptimizerOptions&);
template std::unique_ptr<Trainer> make_plain_trainer<double>(const GptParameters&,
                                                             const OptimizerOptions&);

}  // namespace ladder
