#pragma once
/// \file
/// The number formats a weights file may have. All are read as float; only F32 is written.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ladder {

/// One number format of safetensors.
struct Dtype {
  std::string_view name;             ///< in the file's header
  std::size_t size;                  ///< bytes of a number
  float (*read)(const char* bytes);  ///< little-endian bytes as a float
};

/// The format of that name; nullptr if it is not one that is read.
const Dtype* find_dtype(std::string_view name);

/// The names of the formats that are read, for messages.
std::vector<std::string_view> dtype_names();

/// IEEE 754 binary16 as the float of the same value (every half is one, subnormal ones too).
float half_to_float(std::uint16_t bits);

}  // namespace ladder
