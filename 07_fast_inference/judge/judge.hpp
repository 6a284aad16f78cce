#pragma once
/// \file
/// Does every engine compute the same logits, and so write the same names?

#include <span>

#include "07_fast_inference/model/engine_kind.hpp"
#include "common/questions.hpp"

namespace ladder {

/// Prints a line an engine: the largest error of a logit, and how many of the tokens of 10,000
/// names differ from those that the plain loops of the reference write; or that it does not run
/// this model.
/// \param shipped    the model is the repository's own, which has golden logits
/// \param questions  seed and temperature of the names; the first `samples` of them are shown
/// \throws Error naming an engine whose error is larger than it may be
void judge_engines(std::span<const EngineKind* const> kinds, const MicroGpt& model, bool shipped,
                   const Questions& questions);

}  // namespace ladder
