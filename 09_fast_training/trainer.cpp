#include "09_fast_training/trainer.hpp"

#include <algorithm>

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
  // Names in order, a few thousand rows at a time: beginnings that two parts share are computed
  // twice, and the matrices stay in the cache.
  constexpr std::size_t part = 4096;
  std::vector<const Tokens*> sorted;
  for (const Tokens& name : names) sorted.push_back(&name);
  std::sort(sorted.begin(), sorted.end(), [](const Tokens* a, const Tokens* b) { return *a < *b; });
  double sum = 0, predictions = 0;
  PackedBatch batch;
  for (std::size_t first = 0; first < sorted.size(); first += part) {
    batch.pack(Batch(sorted).subspan(first, std::min(part, sorted.size() - first)), shape_.bos(),
               Packing::merged);
    sum += nats(batch);
    predictions += batch.predictions();
  }
  return sum / predictions;
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

template ReplayTrainer replay_trainer<float>(int, const Gpt::Draw&);
template ReplayTrainer replay_trainer<double>(int, const Gpt::Draw&);

}  // namespace ladder
