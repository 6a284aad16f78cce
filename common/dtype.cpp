#include "common/dtype.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace ladder {
namespace {

static_assert(std::endian::native == std::endian::little, "the file's numbers are little-endian");

template <class Number>
Number load(const char* bytes) {
  Number number;
  std::memcpy(&number, bytes, sizeof number);
  return number;
}

float read_f32(const char* bytes) { return load<float>(bytes); }

float read_f16(const char* bytes) { return half_to_float(load<std::uint16_t>(bytes)); }

// The upper half of a float.
float read_bf16(const char* bytes) {
  return std::bit_cast<float>(std::uint32_t{load<std::uint16_t>(bytes)} << 16);
}

// To the nearest float; a number beyond the largest one becomes an infinity.
float read_f64(const char* bytes) { return static_cast<float>(load<double>(bytes)); }

constexpr Dtype dtypes[] = {
    {"F32", 4, read_f32}, {"F16", 2, read_f16}, {"BF16", 2, read_bf16}, {"F64", 8, read_f64}};

}  // namespace

const Dtype* find_dtype(std::string_view name) {
  for (const Dtype& dtype : dtypes) {
    if (dtype.name == name) return &dtype;
  }
  return nullptr;
}

std::vector<std::string_view> dtype_names() {
  std::vector<std::string_view> names;
  for (const Dtype& dtype : dtypes) names.push_back(dtype.name);
  return names;
}

float half_to_float(std::uint16_t bits) {
  const int sign = bits >> 15, exponent = bits >> 10 & 31, fraction = bits & 1023;
  float value = 0;
  if (exponent == 31) {
    value = fraction == 0 ? std::numeric_limits<float>::infinity()
                          : std::numeric_limits<float>::quiet_NaN();
  } else if (exponent == 0) {
    value = std::ldexp(static_cast<float>(fraction), -24);  // subnormal: no leading 1
  } else {
    value = std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
  }
  return sign == 0 ? value : -value;
}

}  // namespace ladder
