#pragma once
/// \file
/// What the module 09_trainer.wasm offers: one session (session.hpp) behind functions of plain
/// numbers, as WebAssembly has them. trainer.mjs wraps them; a page need not know this file.
///
/// A function that may fail returns 0 or -1, and then error() has one sentence. Nothing is
/// imported: `WebAssembly.instantiate(bytes)`, `_initialize()`, and it works. Addresses are of the
/// module's memory, which moves in JavaScript whenever it grows: make views of it after each call.

#include <cstddef>
#include <cstdint>

#include "common/wasm/exports.hpp"

/// Room for so many bytes, to be filled by the caller before set_names(), sample() and
/// set_weights(), which read them there. \returns its address, 64-byte aligned; 0 if that is more
/// than 16 MiB
LADDER_EXPORT(input) unsigned char* input(std::size_t size);
/// What went wrong, one sentence in UTF-8 that ends with a 0.
LADDER_EXPORT(error) const char* error();

/// Takes the `size` bytes of a text file, one name a line, from input(). \returns 0 if they cannot
/// be used: then nothing has changed
LADDER_EXPORT(set_names) int set_names(std::size_t size);
/// Symbols of the alphabet, BOS not among them: code points, 32 bits each, by token.
LADDER_EXPORT(letters) const char32_t* letters();
LADDER_EXPORT(letter_count) std::size_t letter_count();      ///< of letters()
LADDER_EXPORT(train_count) std::size_t train_count();        ///< names to learn from
LADDER_EXPORT(held_out_count) std::size_t held_out_count();  ///< names to be examined on
LADDER_EXPORT(too_long_count) std::size_t too_long_count();  ///< rows with more than 15 letters

/// Begins anew, all by the seed. \param steps of the run, over which the learning rate falls to 0
/// \param merge  1: what names of a batch have in common is computed once
/// \returns 0 on an error
LADDER_EXPORT(restart)
int restart(std::uint64_t seed, double lr, int batch, int steps, int merge, double beta1,
            double beta2);
/// Other numbers from the next step on. \returns 0 on an error
LADDER_EXPORT(set_pace) int set_pace(double lr, int batch, int steps, int merge);
/// Makes at most `count` steps, and at most 1024. \returns how many: fewer at the end of the run,
/// or if it diverged with the last one
LADDER_EXPORT(step) int step(int count);
LADDER_EXPORT(losses) const double* losses();       ///< of the steps of that call
LADDER_EXPORT(diverged) int diverged();             ///< 1: no step is made any more
LADDER_EXPORT(steps_made) int steps_made();         ///< since restart()
LADDER_EXPORT(first_loss) double first_loss();      ///< of the run, nats a prediction
LADDER_EXPORT(held_out_nll) double held_out_nll();  ///< nats a character

/// Names that are drawn from here on follow from this.
LADDER_EXPORT(sample_seed) void sample_seed(std::uint64_t seed);
/// Draws a name. \param start  tokens it begins with, a byte each at input()
/// \returns its length, or -1 on an error
LADDER_EXPORT(sample) int sample(double temperature, std::size_t start);
LADDER_EXPORT(drawn) const int* drawn();  ///< its tokens

/// Tensors of the model, and numbers of each kind for all of them.
LADDER_EXPORT(tensor_count) std::size_t tensor_count();
LADDER_EXPORT(tensor_name) const char* tensor_name(std::size_t tensor);        ///< as in the file
LADDER_EXPORT(tensor_offset) std::size_t tensor_offset(std::size_t tensor);    ///< in numbers()
LADDER_EXPORT(tensor_rows) std::size_t tensor_rows(std::size_t tensor);        ///< out
LADDER_EXPORT(tensor_columns) std::size_t tensor_columns(std::size_t tensor);  ///< in
LADDER_EXPORT(parameter_count) std::size_t parameter_count();                  ///< of the model
/// Floats: 0 the weights, 1 the gradient of the last batch, 2 Adam's m, 3 Adam's v.
/// \returns 0 if there is no model or no such kind
LADDER_EXPORT(numbers) const float* numbers(int kind);
/// Takes `count` floats from input() for the weights; Adam and the steps begin anew.
/// \returns 0 on an error
LADDER_EXPORT(set_weights) int set_weights(std::size_t count);
