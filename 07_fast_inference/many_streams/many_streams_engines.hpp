#pragma once
/// \file
/// The engines that write many names at once.
///
/// The room many_streams/ may include model/, judge/ and one_stream/, whose vectors and tables it
/// uses, and no room that comes after it.

#include <cstddef>
#include <memory>

#include "07_fast_inference/model/engine.hpp"

namespace ladder {

/// A stream in each lane of three vectors, in floating point.
std::unique_ptr<Engine> make_streams(const MicroGpt& model);
/// Thirty-two streams; all matrices after attention in 16 bits, by the fastest kernel that this
/// machine has.
std::unique_ptr<Engine> make_streams_int16(const MicroGpt& model);
/// The same with the MLP in 8 bits.
std::unique_ptr<Engine> make_streams_int8(const MicroGpt& model);
/// Remembers beginnings of names in a trie (prefix_trie.hpp) of at most 128 MiB.
std::unique_ptr<Engine> make_prefix_cache(const MicroGpt& model);

/// The same with another bound for its memory.
std::unique_ptr<Engine> make_prefix_cache(const MicroGpt& model, std::size_t most_bytes);

}  // namespace ladder
