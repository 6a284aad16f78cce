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

/// Writes beside `path` under a temporary name, then renames: a full disk or an interruption leaves
/// the old file as it was. A path that is not a regular file (/dev/stdout) is written directly.
/// \throws Error if the bytes could not all be written.
void write_file(const std::string& path, std::string_view bytes);

}  // namespace ladder
