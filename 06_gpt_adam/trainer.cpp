#include "06_gpt_adam/trainer.hpp"

namespace ladder {

ScalarTrainer::ScalarTrainer(int vocab_size, const Gpt::Draw& draw, const AdamOptions& adam,
                             int width)
    : gpt_(tape_, vocab_size, draw, width),
      parameters_("parameters", 1, static_cast<Eigen::Index>(gpt_.parameter_count())),
      adam_(adam),
      bos_(vocab_size - 1) {
  for (std::uint32_t i = 0; i < gpt_.parameter_count(); ++i) {
    parameters_.value(0, i) = Value(&tape_, i).data();
  }
}

double ScalarTrainer::train_step(Batch name, double lr) {
  const Value loss = gpt_.loss(*name.front(), bos_);
  const double nats = loss.data();
  tape_.backward(loss);
  nodes_ = tape_.size() - gpt_.parameter_count();

  for (std::uint32_t i = 0; i < gpt_.parameter_count(); ++i) {
    parameters_.grad(0, i) = Value(&tape_, i).grad();
  }
  Parameter* const all[] = {&parameters_};
  adam_.update(all, lr);
  for (std::uint32_t i = 0; i < gpt_.parameter_count(); ++i) {
    Value(&tape_, i).set_data(parameters_.value(0, i));
  }
  tape_.zero_grad();
  tape_.rewind(gpt_.parameter_count());
  return nats;
}

NextLogits ScalarTrainer::next_logits() {
  return [this](std::span<const int> so_far) {
    gpt_.begin_name();
    Values logits = gpt_.logits(bos_, 0);
    for (std::size_t i = 0; i < so_far.size(); ++i) {
      logits = gpt_.logits(so_far[i], static_cast<int>(i) + 1);
    }
    std::vector<double> numbers;
    for (const Value& logit : logits) numbers.push_back(logit.data());
    tape_.rewind(gpt_.parameter_count());
    return numbers;
  };
}

MatrixTrainer::MatrixTrainer(int vocab_size, const Gpt::Draw& draw, const AdamOptions& adam,
                             int width)
    : gpt_({.vocab_size = vocab_size, .n_head = 4, .gains = false, .n_embd = width}, draw),
      adam_(adam) {}

double MatrixTrainer::train_step(Batch names, double lr) {
  tape_.reset();
  const Var loss = gpt_.loss(tape_, names);
  for (Parameter* parameter : gpt_.parameters()) parameter->grad.setZero();
  tape_.backward(loss);
  adam_.update(gpt_.parameters(), lr);
  return loss.scalar();
}

}  // namespace ladder
