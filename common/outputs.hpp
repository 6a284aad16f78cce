#pragma once
/// \file
/// Where a program may write: never over what it reads, and not over a file of somebody else's.

#include <span>
#include <string>

namespace ladder {

/// Finds out before the training whether write_file(path) will do, and should.
/// \param inputs  files that this run reads, outputs it has been promised already; empty ones are
/// ignored
/// \param force   --force: replace a file that no program of the ladder wrote
/// \throws Error if the file cannot be written, is one of `inputs`, or holds something that no
/// program of the ladder wrote (results and weights of earlier runs may be replaced, and an empty
/// file).
void check_output(const std::string& path, std::span<const std::string> inputs, bool force);

/// True for bytes that a program of the ladder wrote: results, golden logits, weights.
bool written_by_ladder(const std::string& bytes);

}  // namespace ladder
