#pragma once
/// \file
/// What the module offers to the tab *Climb*: stages 01, 02, 04 and 06 behind functions of plain
/// numbers. climb.mjs wraps them; a page need not know this file. Addresses are of the module's
/// memory, which moves in JavaScript whenever it grows: make views of it after each call.

#include <cstddef>
#include <cstdint>

#include "common/wasm/exports.hpp"

/// Room for a text of so many bytes, for climb_names().
LADDER_EXPORT(climb_text) char* climb_text(std::size_t size);
/// Takes the names of the text, one a line, and forgets what was made of others. \returns how many
LADDER_EXPORT(climb_names) std::size_t climb_names();

/// Stage 01 begins anew, with no pair counted.
LADDER_EXPORT(count_begin) void count_begin();
/// Counts pairs of so many names more. \returns the names counted so far
LADDER_EXPORT(count_more) std::size_t count_more(std::size_t names);
LADDER_EXPORT(count_table) const double* count_table();  ///< (27, 27), row by row
LADDER_EXPORT(count_nll) double count_nll();             ///< of the names counted so far

/// Stage 02 learns the pairs of all names. \param rows  1: each letter at its own pace; 0: all at
/// one \returns the steps that were made
LADDER_EXPORT(descend) int descend(int rows, double lr, int steps);
LADDER_EXPORT(descent_losses)
const double* descent_losses();                            ///< before each step, and after the last
LADDER_EXPORT(descent_count) std::size_t descent_count();  ///< tables that were kept
LADDER_EXPORT(descent_step) int descent_step(std::size_t i);  ///< the steps before table `i`
/// Table `i`: probabilities, (27, 27), row by row.
LADDER_EXPORT(descent_table) const double* descent_table(std::size_t i);
LADDER_EXPORT(descent_optimum) double descent_optimum();  ///< no table has a smaller loss
LADDER_EXPORT(descent_diverged) int descent_diverged();   ///< 1: its steps were too long

/// Stage 04 or 06 begins anew. \returns the numbers that it learns, 0 if there is no such stage
/// here
LADDER_EXPORT(learn_begin) std::size_t learn_begin(int stage, std::uint64_t seed, int steps);
/// Makes at most so many steps, at most 1024. \returns how many
LADDER_EXPORT(learn) int learn(int steps);
LADDER_EXPORT(learn_losses) const double* learn_losses();  ///< of these steps
LADDER_EXPORT(learn_nll) double learn_nll();               ///< of all names, which takes a while

/// Random numbers for names begin anew.
LADDER_EXPORT(climb_seed) void climb_seed(std::uint64_t seed);
/// Draws a name. \param stage  whose model: 1, 2, 4 or 6
/// \param table  of stage 02, which one
/// \returns its length; the letters are at climb_drawn()
LADDER_EXPORT(climb_draw) int climb_draw(int stage, std::size_t table, double temperature);
LADDER_EXPORT(climb_drawn) const int* climb_drawn();  ///< tokens, 32 bits each
