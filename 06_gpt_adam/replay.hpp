#pragma once
/// \file
/// Karpathy's microgpt.py in C++: same seed, same shuffle, same weights, same thousand steps, same
/// names.

#include <functional>
#include <string>
#include <vector>

#include "04_mlp/training.hpp"
#include "05_gpt_sgd/gpt.hpp"

namespace ladder {

/// What microgpt.py prints.
struct Replay {
  std::vector<double> losses;      ///< of each training step
  std::vector<std::string> names;  ///< 20 samples at temperature 0.5
  double seconds = 0;              ///< of steps and samples; 0 if it ended early
};

/// Called after each step; the replay ends early when it returns false.
using OnReplayStep = std::function<bool(long steps_done, double loss)>;

/// What is replayed: a model with weights drawn in microgpt.py's order, and the step that trains it
/// (Adam with betas 0.85 and 0.99). Stage 09's hand-written one, or a GPU's, fits in here too.
struct ReplayTrainer {
  Step step;               ///< on batches of one name
  NextLogits next_logits;  ///< by the parameters as they are
};

/// Makes one for so many symbols; `draw` gives the initial value of the next parameter.
using MakeTrainer = std::function<ReplayTrainer(int vocab_size, const Gpt::Draw& draw)>;

/// A thousand steps, then twenty names.
Replay replay(std::vector<std::string> rows, const MakeTrainer& make_trainer,
              const OnReplayStep& on_step);

/// On the scalar tape, number by number, as the Python program does it.
Replay replay_on_scalars(const std::vector<std::string>& rows, const OnReplayStep& on_step);

/// On the matrix tape: sums are taken in another order, and so round differently in the last
/// digits.
Replay replay_on_matrices(const std::vector<std::string>& rows, const OnReplayStep& on_step);

/// What CPython printed, from 06_gpt_adam/reference/.
/// \throws Error if the files are damaged
Replay published_run();

/// Largest difference between two runs' losses: infinity if one made more steps, NaN if a loss is.
double largest_difference(const Replay& a, const Replay& b);

}  // namespace ladder
