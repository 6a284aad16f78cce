#pragma once
/// \file
/// Whole files in, whole files out.

#include <cstddef>
#include <string>
#include <string_view>

namespace ladder {

/// No file the ladder reads is anywhere near this size; a larger one is a mistake.
inline constexpr std::size_t max_file_bytes = std::size_t{256} << 20;

/// The bytes of a file.
/// \throws Error if it is missing, a directory, unreadable or larger than max_file_bytes.
std::string read_file(const std::string& path);

/// All that is on standard input, as `--data -` asks for it.
/// \throws Error if it cannot be read or is larger than max_file_bytes.
std::string read_standard_input();

/// Writes beside `path` under a temporary name, then renames: a full disk or an interruption leaves
/// the old file as it was. A link is followed, an old file's permissions are kept, and a path that
/// is not a regular file (/dev/stdout) is written directly.
/// \throws Error if the bytes could not all be written.
void write_file(const std::string& path, std::string_view bytes);

/// Finds out now, and not after minutes of training, whether write_file(path) can begin. Leaves
/// everything as it was.
/// \throws Error as write_file() would.
void check_writable(const std::string& path);

}  // namespace ladder
