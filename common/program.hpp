#pragma once
/// \file
/// How every program of the ladder begins and ends.

#include <functional>

namespace ladder {

/// Runs `body` and turns what happens into an exit status: 0; 1 with one line `error: …` on stderr;
/// 2 for a usage error; 130 if the reader pressed Ctrl-C and the program stopped early but in
/// order.
int run_program(const std::function<void()>& body);

/// True once Ctrl-C was pressed (or the process was asked to end). Long loops look at it after
/// every step, stop, and go on with what they have. A second Ctrl-C ends the process at once.
bool interrupted();

}  // namespace ladder
