#pragma once
/// \file
/// Learning from batches: the loop that this stage and every later one shares.

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "03_autograd/matrix_tape.hpp"
#include "common/dataset.hpp"
#include "common/random.hpp"

namespace CLI {
class App;
}

namespace ladder {

/// Builds the loss of a batch on the tape, a (1, 1) matrix.
using BatchLoss = std::function<Var(MatrixTape& tape, Batch batch)>;

/// Moves the parameters along their gradients. `lr` is the learning rate of this step.
using Update = std::function<void(std::span<Parameter* const> parameters, double lr)>;

/// Stochastic gradient descent: parameter -= lr · gradient (Robbins and Monro, 1951).
void sgd(std::span<Parameter* const> parameters, double lr);

/// How a model is trained. The learning rate falls linearly to 0 over the steps.
struct TrainingPlan {
  long steps;              ///< at most: Ctrl-C ends it earlier
  std::size_t batch_size;  ///< examples (or names) a step
  double lr;               ///< of the first step
  std::uint64_t seed;      ///< of the order of the examples
};

/// What became of it.
struct TrainingRun {
  long steps = 0;              ///< made; fewer than planned if interrupted
  double seconds = 0;          ///< on the wall, the progress bar included
  std::vector<double> losses;  ///< mean loss of each fortieth of the plan, for a curve
};

/// A step of training: computes the loss of a batch and its gradient, and moves the parameters.
/// \returns the mean loss of the batch before the move, nats a prediction
using Step = std::function<double(Batch batch, double lr)>;

/// The step that the tape makes: forward, backward, update, and the tape is forgotten.
Step tape_step(std::vector<Parameter*> parameters, BatchLoss loss, Update update);

/// The learning loop: take a batch, make a step, a little shorter each time. It stops early, in
/// order, when the reader presses Ctrl-C.
/// \param label  stands before the progress bar; empty for none
/// \throws Error if training diverges (DivergenceWatch)
TrainingRun train_batches(const std::vector<Tokens>& examples, const TrainingPlan& plan,
                          const Step& step, const std::string& label);

/// Declares --batch and --lr.
void add_plan_options(CLI::App& app, TrainingPlan& plan);

/// Numbers drawn from N(0, std²).
void fill_normal(Parameter& parameter, double std, Random& random);

/// A batch's mean NLL and the number of predictions it is the mean of.
struct BatchNll {
  double mean;              ///< nats a prediction
  std::size_t predictions;  ///< by which the batch counts in the mean of all
};

/// Mean NLL over all examples, computed `batch_size` at a time; nats a prediction.
double mean_nll(const std::vector<Tokens>& examples, std::size_t batch_size,
                const std::function<BatchNll(Batch)>& batch_nll);

/// Prints what stage 01 makes of the same names, for comparison.
void print_count_model(const Dataset& dataset, int vocab_size);

/// The loss curve in one line, for example "3.29 █▅▃▂▁▁ 2.11".
std::string describe_losses(const std::vector<double>& losses);

}  // namespace ladder
