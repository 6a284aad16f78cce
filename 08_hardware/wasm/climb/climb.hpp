#pragma once
/// \file
/// Stages 01, 02, 04 and 06 for a page that shows them at work: their own models, gradients and
/// recipes, run some steps at a time.

#include <memory>
#include <string_view>
#include <vector>

#include "02_neural_bigram/neural_bigram.hpp"
#include "04_mlp/training.hpp"
#include "common/sampling.hpp"

namespace ladder {

/// Letters a–z, and BOS.
inline constexpr int climb_vocab_size = 27;

/// The names in a text, one a line, in its order. A line that has anything but a–z, or more than 15
/// of them, is left out.
std::vector<Tokens> parse_names(std::string_view text);

/// Draws names from a table of logits, as stages 01 and 02 do. The table must outlive it.
NextLogits table_logits(const Matrix& logits);

/// Stage 01: counts pairs, some names at a time.
class Counting {
 public:
  /// The names must outlive it.
  explicit Counting(const std::vector<Tokens>& names) : names_(names) {}

  /// Counts the pairs of the next `count` names, or of those that are left.
  void more(std::size_t count);

  std::size_t counted() const { return counted_; }  ///< names so far
  const Matrix& counts() const { return counts_; }  ///< (27, 27): so often that follows this
  Matrix probabilities() const;                     ///< (27, 27), by adding one
  double nll() const;                               ///< of the names counted so far, nats a letter

 private:
  const std::vector<Tokens>& names_;
  std::size_t counted_ = 0;
  Matrix counts_ = Matrix::Zero(climb_vocab_size, climb_vocab_size);
};

/// Stage 02: one run of its train(), with the table at some of its steps.
struct Descent {
  std::vector<double> losses;  ///< (steps + 1): before the first step and after each one
  std::vector<int> steps;      ///< those whose tables are kept: all at first, then fewer and fewer
  std::vector<Matrix> logits;  ///< after each of `steps`, (27, 27)
  bool diverged = false;       ///< the steps were too long; it ends there
  double optimum = 0;          ///< the loss of the counts' own probabilities
};

/// Goes downhill on the NLL of these pairs, from a table of zeros.
Descent descend(const Matrix& counts, const Schedule& schedule, int steps);

/// Stage 04 or 06, learning by its own recipe.
class Learner {
 public:
  virtual ~Learner() = default;

  /// A step of training. \returns the batch's loss before it, nats a letter; nothing happens, and 0
  /// is returned, at the end of the plan
  double step();

  long steps() const { return steps_; }         ///< made so far
  long planned() const { return plan_.steps; }  ///< over which the learning rate falls to 0
  virtual double nll() = 0;                     ///< of all names, nats a letter
  virtual NextLogits next_logits() = 0;         ///< of the model as it is; not to outlive it
  virtual int block_size() const = 0;           ///< the most letters that a name may get
  virtual std::size_t parameter_count() = 0;    ///< numbers that it learns

 protected:
  /// \param examples  of which `plan.batch_size` make a step; they must outlive it
  Learner(const std::vector<Tokens>& examples, const TrainingPlan& plan)
      : plan_(plan), batches_(examples, plan.batch_size, plan.seed) {}

  Step make_step_;  ///< what a step is

 private:
  TrainingPlan plan_;
  Batches batches_;
  long steps_ = 0;
};

/// Stage 04 by its recipe, with so many steps and this seed. The names must outlive it.
std::unique_ptr<Learner> mlp_learner(const std::vector<Tokens>& names, std::uint64_t seed,
                                     long steps);
/// Stage 06 by its recipe, likewise.
std::unique_ptr<Learner> gpt_learner(const std::vector<Tokens>& names, std::uint64_t seed,
                                     long steps);

}  // namespace ladder
