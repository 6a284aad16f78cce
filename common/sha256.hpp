#pragma once
/// \file
/// The fingerprint by which a corpus is known.

#include <string>
#include <string_view>

namespace ladder {

/// SHA-256 of `bytes` as 64 lower-case hexadecimal digits (FIPS 180-4).
std::string sha256_hex(std::string_view bytes);

}  // namespace ladder
