#pragma once
/// \file
/// When has training gone wrong? The one rule that all stages share.

#include <string>

#include "common/error.hpp"

namespace ladder {

/// Looks at the loss of every step. Training that works makes it smaller; with steps that are too
/// long it explodes, and may then come back, or stay finite and enormous, by luck of rounding. So a
/// run has diverged when a loss is not a finite number, when one is a hundred times the first, or
/// when about twenty on end are ten times the first. (Batches of a single letter, at a learning
/// rate that works, go up to six times the first for a while.)
class DivergenceWatch {
 public:
  /// Of step 1, 2, 3, …; the first call sets the measure. \returns true if the run has diverged
  bool diverged(double loss);

  /// The loss of step 1, which all later ones are held against; 0 before it.
  double first() const { return first_; }

 private:
  double first_ = 0, smoothed_ = 0;
  bool begun_ = false;
};

/// What a program throws then: one line with the step, the losses, and what to try.
Error divergence_error(long step, double first_loss, double loss, double lr);

/// The last step is not followed by another that would notice; so the trained model is looked at
/// before it is reported or written.
/// \param nll  mean NLL of the names it learned from, nats a character
/// \throws Error if it is not a number, or three times what a model has that knows nothing (ln
/// vocab_size)
void check_trained(double nll, int vocab_size, long steps, double lr);

}  // namespace ladder
