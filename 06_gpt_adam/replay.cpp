#include "06_gpt_adam/replay.hpp"

#include <sstream>

#include <fmt/format.h>

#include "06_gpt_adam/trainer.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/largest.hpp"
#include "common/python_random.hpp"
#include "common/shipped.hpp"
#include "common/timing.hpp"

namespace ladder {
namespace {

constexpr long num_steps = 1000;
constexpr double learning_rate = 0.01;
constexpr AdamOptions adam_options = {.beta1 = 0.85, .beta2 = 0.99, .epsilon = 1e-8};
constexpr int num_samples = 20;
constexpr double temperature = 0.5;

// A trainer of this stage as a replay takes it; what is returned keeps it alive.
template <class Trainer>
ReplayTrainer on_tape(int vocab_size, const Gpt::Draw& draw) {
  const auto trainer = std::make_shared<Trainer>(vocab_size, draw, adam_options);
  return {.step = [trainer](Batch names, double lr) { return trainer->train_step(names, lr); },
          .next_logits = [trainer, next_logits = trainer->next_logits()](
                             std::span<const int> so_far) { return next_logits(so_far); }};
}

}  // namespace

Replay replay(std::vector<std::string> rows, const MakeTrainer& make_trainer,
              const OnReplayStep& on_step) {
  const Stopwatch watch;
  Replay result;
  const Tokenizer tokenizer(rows);
  PythonRandom random(42);
  random.shuffle(rows);
  const auto draw = [&random] { return random.gauss(0, 0.08); };
  const ReplayTrainer trainer = make_trainer(tokenizer.vocab_size(), draw);

  for (long step = 0; step < num_steps; ++step) {
    const std::string& row = rows[static_cast<std::size_t>(step) % rows.size()];
    const double lr = learning_rate * (1 - static_cast<double>(step) / num_steps);
    const Tokens name = tokenizer.encode(row);
    const Tokens* const batch[] = {&name};
    result.losses.push_back(trainer.step(batch, lr));
    if (!on_step(step + 1, result.losses.back())) return result;
  }

  while (std::ssize(result.names) < num_samples) {
    Tokens name;
    while (std::ssize(name) < ScalarMicroGpt::block_size) {
      const auto weights = softmax_weights(trainer.next_logits(name), temperature);
      const int token = static_cast<int>(random.choice(weights));
      if (token == tokenizer.bos()) break;
      name.push_back(token);
    }
    result.names.push_back(tokenizer.decode(name));
  }
  result.seconds = watch.seconds();
  return result;
}

Replay replay_on_scalars(const std::vector<std::string>& rows, const OnReplayStep& on_step) {
  return replay(rows, on_tape<ScalarTrainer>, on_step);
}

Replay replay_on_matrices(const std::vector<std::string>& rows, const OnReplayStep& on_step) {
  return replay(rows, on_tape<MatrixTrainer>, on_step);
}

Replay published_run() {
  Replay run;
  const std::string folder = data_path("06_gpt_adam/reference/");
  std::istringstream losses(read_file(folder + "microgpt_losses.txt"));
  for (std::string line; std::getline(losses, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream fields(line);
    long step = 0;
    double loss = 0;
    if (!(fields >> step >> loss) || step != std::ssize(run.losses) + 1) {
      throw Error(fmt::format("{}microgpt_losses.txt: '{}' is not the next step and its loss",
                              folder, line));
    }
    run.losses.push_back(loss);
  }
  std::istringstream names(read_file(folder + "microgpt_names.txt"));
  for (std::string name; names >> name;) run.names.push_back(name);
  return run;
}

double largest_difference(const Replay& a, const Replay& b) {
  return largest_difference(a.losses, b.losses);
}

}  // namespace ladder
