#pragma once
/// \file
/// What a reader asks an engine: names to make up, and how surprised it is by names of the
/// reader's.

#include <span>
#include <string>
#include <vector>

#include "07_fast_inference/model/engine.hpp"
#include "common/questions.hpp"

namespace ladder {

/// An engine's stream 0 as sampling sees any model. Letters that go on where the last call ended
/// are read alone, others from BOS on; in between, the engine must do nothing else.
NextLogits next_logits_of(Engine& engine);

/// What stream 0 writes until `count` names are finished, by the engine's own sampler: tokens, BOS
/// at a name's end included.
std::vector<std::uint8_t> write_tokens(Engine& engine, const Questions& questions,
                                       std::size_t count);

/// Names as the engine writes them, each with its price, and the prices of --score.
Answers ask(Engine& engine, const Questions& questions);

/// Names side by side, as many whole ones as fit into `columns` of a terminal; "…" stands for more.
std::string fitting_names(std::span<const std::string> names, std::size_t columns);

}  // namespace ladder
