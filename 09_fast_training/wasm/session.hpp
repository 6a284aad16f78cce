#pragma once
/// \file
/// A training run that somebody looks at: it takes as many steps as it is asked for, and can be
/// looked into between any two of them. What it does is what main.cpp does with train_batches(), on
/// the same FastModel; errors are sentences, since a wasm module has no exceptions.

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "09_fast_training/fast/fast_model.hpp"
#include "09_fast_training/wasm/sentence.hpp"
#include "09_fast_training/wasm/word_list.hpp"
#include "common/dataset.hpp"
#include "common/divergence.hpp"
#include "common/sampling.hpp"

namespace ladder {

/// What may change while a run goes on.
struct Pace {
  double lr = 0.01;  ///< learning rate of the first step; falls linearly to 0 at the last
  std::size_t batch_size = 16;  ///< names a step, 1 to 1024
  long steps = 10'000;          ///< of the whole run
  bool merge = false;           ///< compute what names of a batch have in common once
};

/// How a step ended.
enum class StepResult {
  made,      ///< its loss is there
  finished,  ///< none was left to make
  diverged   ///< it was made, and the run is over
};

/// Names, a model of microgpt.py's variant at width 16, Adam, and where they stand.
class Session {
 public:
  /// \param kernels  of width 16
  explicit Session(const Kernels<float>& kernels) : kernels_(kernels) {}

  /// Takes names to learn from, in the place of those there were; then restart().
  /// \returns false, with error(), if they cannot be used: then nothing has changed
  bool set_names(std::string_view bytes);

  /// Begins anew: weights, the tenth of the names that is held out, and their order by the seed.
  /// \returns false, with error(), if there are no names, or a number makes no sense
  bool restart(std::uint64_t seed, const Pace& pace, const AdamOptions& adam);

  /// From the next step on. \returns false, with error(), if a number makes no sense
  bool set_pace(const Pace& pace);

  /// One step of training.
  StepResult step();

  /// Mean NLL of the held-out names, nats a character.
  double held_out_nll() const;

  /// Draws a name as sample_name() does.
  /// \param name  the letters it begins with, at most 15; then all of them
  /// \returns false, with error(), if a token is no letter, the temperature makes no sense, or the
  /// model's logits are not numbers
  bool sample(double temperature, Xorshift32& random, Tokens& name);

  /// Takes weights in the place of those there are, in TensorOffsets' order; Adam forgets, and the
  /// steps begin at 0.
  /// \returns false, with error(), if one is not a finite number or there are not as many
  bool set_weights(const float* weights, std::size_t count);

  bool running() const { return model_ != nullptr; }    ///< restart() has been called
  FastModel<float>& model() { return *model_; }         ///< if running()
  const WordList& words() const { return words_; }      ///< without the names: dataset() has them
  const Dataset& dataset() const { return dataset_; }   ///< as the seed has split it
  long steps() const { return steps_; }                 ///< made
  double loss() const { return loss_; }                 ///< of the last one, nats a prediction
  double first_loss() const { return watch_.first(); }  ///< of the first one
  const char* error() const { return error_.text(); }   ///< of the last call that returned false

 private:
  bool fail(std::string_view what);
  bool check(const Pace& pace);
  void split(std::uint64_t seed);
  void fresh_model();

  const Kernels<float>& kernels_;
  WordList words_;
  Dataset dataset_;
  Pace pace_;
  AdamOptions adam_;
  std::unique_ptr<FastModel<float>> model_;
  std::unique_ptr<Batches> batches_;  // of one name: a step may take any number of them
  std::vector<const Tokens*> names_;
  PackedBatch batch_;
  DivergenceWatch watch_;
  double loss_ = 0;
  long steps_ = 0;
  bool diverged_ = false;
  Sentence error_;
};

}  // namespace ladder
