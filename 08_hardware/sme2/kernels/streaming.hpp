#pragma once
/// \file
/// Whether this machine has SME2, how long its streaming vectors are, and how often streaming mode
/// was entered. Plain C++: whoever includes this needs no compiler that knows of SME.

#include <cstdint>

namespace ladder::sme2 {

/// Whether the processor has SME2 and the system lets programs use it. Ask before anything else of
/// this directory is called: elsewhere the first instruction would end the program.
bool available();

/// Numbers of 32 bits in a streaming vector: 4 at 128 bits, 16 on an Apple M4. A tile of ZA has as
/// many rows.
int lanes();

/// How often streaming mode was entered so far: the code counts each SMSTART where it stands.
std::uint64_t times_entered();

/// Counts one more.
void count_entry();

}  // namespace ladder::sme2
