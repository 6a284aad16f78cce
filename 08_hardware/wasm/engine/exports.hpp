#pragma once
/// \file
/// What the module 08_engine.wasm offers: engines of stage 07 behind functions of plain numbers, as
/// WebAssembly has them. engine.mjs wraps them, and looks beforehand for all that could be wrong
/// with what a visitor gives; a page need not know this file.
///
/// Nothing is imported: `WebAssembly.instantiate(bytes)`, `_initialize()`, and it works. Addresses
/// are of the module's memory, which moves in JavaScript whenever it grows: make views of it after
/// each call.

#include <cstddef>
#include <cstdint>

#include "common/wasm/exports.hpp"

/// Where load() finds a model: the weights in the order of MicroGpt, then the gains attn_norm,
/// mlp_norm and final_norm, 16 each.
LADDER_EXPORT(numbers) float* numbers();
LADDER_EXPORT(weight_count) std::size_t weight_count();  ///< numbers before the gains
/// Takes the model from numbers(), in the place of the one there was. \param gains  1: it has them,
/// and a final norm. \returns 0 if a number is none, or becomes too large: then nothing has changed
LADDER_EXPORT(load) int load(int gains);

LADDER_EXPORT(relaxed) int relaxed();                      ///< 1: compiled for relaxed SIMD
LADDER_EXPORT(kind_count) int kind_count();                ///< engines that there are
LADDER_EXPORT(kind_name) const char* kind_name(int kind);  ///< "one" is the first
LADDER_EXPORT(streams) int streams(int kind);              ///< names that it writes at once

/// Room for a name's tokens, a byte each: where next() and start() read, and name() writes.
LADDER_EXPORT(letters) std::uint8_t* letters();

/// Reads BOS and the first `count` letters, at most 15; then logits() has what the engine says of
/// the letter that comes next, and attention() what the heads look at.
LADDER_EXPORT(next) void next(int kind, int count);
LADDER_EXPORT(logits) const float* logits();  ///< (27), 26 is the end
/// (4, 16), a row a head: the weights of BOS, of the first letter, … The engines keep none; these
/// are the reference's, the judge of stage 07, in double precision.
LADDER_EXPORT(attention) const float* attention();

/// Begins to write names, each with the first `count` letters. \param temperature  0 or above
LADDER_EXPORT(start) void start(int kind, std::uint64_t seed, float temperature, int count);
/// The next name of the first stream, as the programs print it. \returns its length
LADDER_EXPORT(name) int name();
/// Writes at least so many tokens, of all streams together. \returns how many
LADDER_EXPORT(run) int run(int tokens);
