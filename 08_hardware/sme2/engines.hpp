#pragma once
/// \file
/// The two engines of this directory, as 07 makes engines.

#include <memory>

#include "07_fast_inference/model/engine.hpp"

namespace ladder {

/// Sixty-four streams, every matrix a sum of outer products.
std::unique_ptr<Engine> make_streams_sme2(const MicroGpt& model);

/// One stream, every matrix rows times numbers, added up in ZA.
std::unique_ptr<Engine> make_decode_sme2(const MicroGpt& model);

}  // namespace ladder
