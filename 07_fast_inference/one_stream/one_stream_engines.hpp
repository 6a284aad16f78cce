#pragma once
/// \file
/// The engines that write one name at a time, in the order a reader climbs them: each is one file
/// and adds one idea to the one before it.
///
/// The room one_stream/ may include model/, judge/ and the stages below, and no room that comes
/// after it: an engine knows nothing of clocks, nor of the streams that build on it.

#include <memory>

#include "07_fast_inference/model/engine.hpp"

namespace ladder {

std::unique_ptr<Engine> make_tape(const MicroGpt& model);
std::unique_ptr<Engine> make_eigen_dynamic(const MicroGpt& model);
std::unique_ptr<Engine> make_eigen_fixed(const MicroGpt& model);
std::unique_ptr<Engine> make_loops(const MicroGpt& model);
std::unique_ptr<Engine> make_columns(const MicroGpt& model);
std::unique_ptr<Engine> make_tables(const MicroGpt& model);
std::unique_ptr<Engine> make_int16(const MicroGpt& model);

}  // namespace ladder
