#include "08_hardware/wasm/climb/climb.hpp"

#include <algorithm>

#include "04_mlp/mlp.hpp"
#include "05_gpt_sgd/gpt.hpp"
#include "06_gpt_adam/recipe.hpp"

namespace ladder {

std::vector<Tokens> parse_names(std::string_view text) {
  std::vector<Tokens> names;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    if (line.empty() || line.size() >= Gpt::block_size) continue;
    if (!std::all_of(line.begin(), line.end(), is_letter)) continue;
    Tokens name;
    for (const char letter : line) name.push_back(letter - 'a');
    names.push_back(std::move(name));
  }
  return names;
}

NextLogits table_logits(const Matrix& logits) {
  return [&logits](std::span<const int> so_far) {
    const auto row = logits.row(so_far.empty() ? logits.rows() - 1 : so_far.back());
    return std::vector<double>(row.begin(), row.end());
  };
}

void Counting::more(std::size_t count) {
  const std::size_t end = std::min(names_.size(), counted_ + count);
  const auto at = [&](std::size_t i) { return names_.begin() + static_cast<std::ptrdiff_t>(i); };
  counts_ += count_pairs({at(counted_), at(end)}, climb_vocab_size);
  counted_ = end;
}

Matrix Counting::probabilities() const { return probabilities_from_counts(counts_, 1); }

double Counting::nll() const { return mean_nll(counts_, probabilities()); }

Descent descend(const Matrix& counts, const Schedule& schedule, int steps) {
  Descent descent;
  descent.optimum = mean_nll(counts, probabilities_from_counts(counts, 0));
  const Objective by_hand = objective_by_hand(counts);
  int made = 0, next_kept = 0;
  const Objective watched = [&](const Matrix& logits) {
    if (made == next_kept || made == steps) {
      descent.steps.push_back(made);
      descent.logits.push_back(logits);
      next_kept = made + std::max(1, made / 12);
    }
    ++made;
    return by_hand(logits);
  };
  const Training training = train(counts, schedule, steps, watched, [&](long, double loss) {
    descent.losses.push_back(loss);
    return true;
  });
  descent.diverged = training.diverged;
  return descent;
}

double Learner::step() {
  if (steps_ == plan_.steps) return 0;
  const double left = 1 - static_cast<double>(steps_) / static_cast<double>(plan_.steps);
  ++steps_;
  return make_step_(batches_.next(), plan_.lr * left);
}

namespace {

TrainingPlan with(TrainingPlan plan, std::uint64_t seed, long steps) {
  plan.seed = seed;
  plan.steps = steps;
  return plan;
}

// As 04_mlp/main.cpp puts it together.
class MlpLearner final : public Learner {
 public:
  MlpLearner(std::unique_ptr<std::vector<Tokens>> examples, std::uint64_t seed, long steps)
      : Learner(*examples, with(mlp_plan, seed, steps)),
        examples_(std::move(examples)),
        mlp_(climb_vocab_size, Random(seed)) {
    make_step_ = tape_step(
        mlp_.parameters(),
        [this](MatrixTape& tape, Batch batch) { return mlp_loss(mlp_, tape, batch); }, sgd);
  }

  double nll() override { return mlp_nll(mlp_, *examples_); }
  int block_size() const override { return 30; }
  std::size_t parameter_count() override { return count_numbers(mlp_.parameters()); }
  NextLogits next_logits() override {
    return [this](std::span<const int> so_far) {
      tape_.reset();
      const MatrixMap row = mlp_.logits(tape_, context_after(so_far, climb_vocab_size - 1)).data();
      return std::vector<double>(row.data(), row.data() + row.size());
    };
  }

 private:
  std::unique_ptr<std::vector<Tokens>> examples_;
  Mlp mlp_;
  MatrixTape tape_;
};

// As 06_gpt_adam/main.cpp does.
class GptLearner final : public Learner {
 public:
  GptLearner(const std::vector<Tokens>& names, std::uint64_t seed, long steps)
      : Learner(names, with(gpt_adam_plan, seed, steps)),
        names_(names),
        gpt_({.vocab_size = climb_vocab_size, .n_head = 4, .gains = true}, Random(seed)),
        adam_(gpt_adam) {
    make_step_ = tape_step(
        gpt_.parameters(), [this](MatrixTape& tape, Batch batch) { return gpt_.loss(tape, batch); },
        [this](std::span<Parameter* const> parameters, double lr) {
          adam_.update(parameters, lr);
        });
  }

  double nll() override { return gpt_.nll(names_); }
  int block_size() const override { return Gpt::block_size; }
  std::size_t parameter_count() override { return count_numbers(gpt_.parameters()); }
  NextLogits next_logits() override { return gpt_.next_logits(); }

 private:
  const std::vector<Tokens>& names_;
  Gpt gpt_;
  Adam adam_;
};

}  // namespace

std::unique_ptr<Learner> mlp_learner(const std::vector<Tokens>& names, std::uint64_t seed,
                                     long steps) {
  auto examples = std::make_unique<std::vector<Tokens>>(make_examples(names, climb_vocab_size - 1));
  return std::make_unique<MlpLearner>(std::move(examples), seed, steps);
}

std::unique_ptr<Learner> gpt_learner(const std::vector<Tokens>& names, std::uint64_t seed,
                                     long steps) {
  return std::make_unique<GptLearner>(names, seed, steps);
}

}  // namespace ladder
