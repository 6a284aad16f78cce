#include "09_fast_training/trainer.hpp"

#include "09_fast_training/model/merged_nll.hpp"

namespace ladder {

double Trainer::step(Batch names, double lr) {
  batch_.pack(names, shape_.bos(), packing);
  const double loss = loss_and_gradient(batch_);
  update(lr);
  return loss;
}

double Trainer::loss_and_gradient(const PackedBatch& batch, double predictions, bool add) {
  return differentiate(batch, predictions == 0 ? batch.predictions() : predictions, add);
}

double Trainer::nll(const std::vector<Tokens>& names) {
  return merged_nll(names, shape_.bos(), 4096,
                    [this](const PackedBatch& batch) { return nats(batch); });
}

NextLogits Trainer::next_logits() {
  return [this, batch = PackedBatch()](std::span<const int> so_far) mutable {
    const Tokens name(so_far.begin(), so_far.end());
    const Tokens* const names[] = {&name};
    batch.pack(names, shape_.bos());
    return last_logits(batch);
  };
}

Step with_warm_up(Step step, long warm_up) {
  return [step = std::move(step), warm_up, calls = 0L](Batch names, double lr) mutable {
    ++calls;
    const bool warming = calls < warm_up;
    return step(names,
                warming ? lr * static_cast<double>(calls) / static_cast<double>(warm_up) : lr);
  };
}

template <class Number>
ReplayTrainer replay_trainer(int vocab_size, const Gpt::Draw& draw) {
  const GptShape shape = {.n_embd = 16, .vocab_size = vocab_size, .gains = false};
  const std::shared_ptr<Trainer> trainer = make_fast_trainer<Number>(
      draw_parameters(shape, draw), {.adam = true, .options = microgpt_adam});
  return {.step = [trainer](Batch names, double lr) { return trainer->step(names, lr); },
          .next_logits = [trainer, next_logits = trainer->next_logits()](
                             std::span<const int> so_far) { return next_logits(so_far); }};
}

/// \cond
template ReplayTrainer replay_trainer<float>(int, const Gpt::Draw&);
template ReplayTrainer replay_trainer<double>(int, const Gpt::Draw&);
/// \endcond

}  // namespace ladder
