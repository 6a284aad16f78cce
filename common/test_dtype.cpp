#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "common/dtype.hpp"
#include "common/error.hpp"
#include "common/safetensors.hpp"
#include "common/test_support.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;

namespace {

template <class Number>
std::string bytes_of(const std::vector<Number>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number)};
}

// A file of one vector.
std::string file_of(const std::string& dtype, std::size_t count, const std::string& data) {
  const std::string header = R"({"a":{"dtype":")" + dtype + R"(","shape":[)" +
                             std::to_string(count) + R"(],"data_offsets":[0,)" +
                             std::to_string(data.size()) + "]}}";
  return bytes_of<std::uint64_t>({header.size()}) + header + data;
}

template <class Number>
std::vector<float> read(const std::string& dtype, const std::vector<Number>& numbers) {
  const std::string file = file_of(dtype, numbers.size(), bytes_of(numbers));
  return parse_safetensors(file, "x").get("a", {numbers.size()}).values;
}

// By the bits: -0 is not 0.
void check_same(const std::vector<float>& values, const std::vector<float>& expected) {
  CHECK(bytes_of(values) == bytes_of(expected));
}

using Halves = std::vector<std::uint16_t>;

}  // namespace

// The values are those of IEEE 754's table of binary16.
TEST_CASE("F16: halves become the floats of the same value") {
  check_same(read<std::uint16_t>("F16", {0x3C00, 0xC000, 0x3555, 0x7BFF, 0xFBFF, 0x3C01}),
             {1.0f, -2.0f, 0.333251953125f, 65504.0f, -65504.0f, 1.0009765625f});
  check_same(read<std::uint16_t>("F16", {0x0000, 0x8000}), {0.0f, -0.0f});
  // The smallest normal number, the largest subnormal one, the smallest.
  check_same(read<std::uint16_t>("F16", {0x0400, 0x03FF, 0x0001, 0x8001}),
             {0x1p-14f, 0x1.ff8p-15f, 0x1p-24f, -0x1p-24f});
}

TEST_CASE("F16: the numbers grow with their bits, from one to the next by the step of their size") {
  for (std::uint16_t bits = 0; bits < 0x7BFF; ++bits) {
    const float here = half_to_float(bits), next = half_to_float(bits + 1);
    const int exponent = std::max(bits >> 10, 1);
    if (next - here != std::ldexp(1.0f, exponent - 25)) FAIL(bits);
    if (half_to_float(bits | 0x8000) != -here) FAIL(bits);
  }
  CHECK(std::isinf(half_to_float(0x7C00)));
  CHECK(half_to_float(0xFC00) == -HUGE_VALF);
  for (const std::uint16_t nan : {0x7C01, 0x7E00, 0xFFFF}) CHECK(std::isnan(half_to_float(nan)));
}

TEST_CASE("BF16: the upper half of a float") {
  check_same(read<std::uint16_t>("BF16", {0x3F80, 0xC000, 0x3EAB, 0x0000, 0x8000, 0x7F7F}),
             {1.0f, -2.0f, 0.333984375f, 0.0f, -0.0f, 0x1.fep127f});
  check_same(read<std::uint16_t>("BF16", {0x0001, 0x807F}),
             {std::bit_cast<float>(0x00010000u), std::bit_cast<float>(0x807F0000u)});  // subnormal
}

TEST_CASE("F64: rounded to the nearest float") {
  check_same(read<double>("F64", {1.0, -2.0, 0.1, 1.0 / 3, -0.0, 1e-40, 1e-300}),
             {1.0f, -2.0f, 0.1f, 1.0f / 3, -0.0f, 1e-40f, 0.0f});
  // Halfway to the next float: to the even one; a little above: up.
  check_same(read<double>("F64", {1 + 0x1p-24, 1 + 0x1p-24 + 0x1p-50, 1 + 0x3p-24}),
             {1.0f, 1 + 0x1p-23f, 1 + 0x2p-23f});
  const double largest = std::numeric_limits<float>::max();
  check_same(read<double>("F64", {largest, std::nextafter(largest, HUGE_VAL)}),
             {std::numeric_limits<float>::max(), std::numeric_limits<float>::max()});
}

TEST_CASE("NaN, infinities and what is too large for a float are refused in every format") {
  const auto refused = [](const std::string& file) {
    CHECK_THAT(message_of<Error>([&] { parse_safetensors(file, "x"); }),
               ContainsSubstring("a NaN, an infinity or a number too large for a float"));
  };
  for (const std::uint16_t bits : {0x7C00, 0xFC00, 0x7E00, 0x7C01}) {
    refused(file_of("F16", 2, bytes_of(Halves{0x3C00, bits})));
  }
  for (const std::uint16_t bits : {0x7F80, 0xFF80, 0x7FC0, 0x7F81}) {
    refused(file_of("BF16", 2, bytes_of(Halves{0x3C00, bits})));
  }
  const double too_large = std::numeric_limits<float>::max() + 0x1p103;
  for (const double value : {HUGE_VAL, -HUGE_VAL, std::nan(""), 1e39, -1e300, too_large}) {
    refused(file_of("F64", 2, bytes_of<double>({1.0, value})));
  }
}

TEST_CASE("formats may be mixed in one file, and are written as F32") {
  const std::string header = R"({"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]},)"
                             R"("b":{"dtype":"F64","shape":[1],"data_offsets":[2,10]},)"
                             R"("c":{"dtype":"F16","shape":[1,1],"data_offsets":[10,12]},)"
                             R"("d":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}})";
  const std::string bytes = bytes_of<std::uint64_t>({header.size()}) + header +
                            bytes_of(Halves{0x3F80}) + bytes_of<double>({2}) +
                            bytes_of(Halves{0x4200}) + bytes_of<float>({4});
  const Weights weights = parse_safetensors(bytes, "x");
  CHECK(weights.get("a", {1}).values == std::vector{1.0f});
  CHECK(weights.get("b", {1}).values == std::vector{2.0f});
  CHECK(weights.get("c", {1, 1}).values == std::vector{3.0f});
  CHECK(weights.get("d", {1}).values == std::vector{4.0f});
  const Weights again = parse_safetensors(to_safetensors(weights), "x");
  CHECK(again.get("c", {1, 1}).values == std::vector{3.0f});
}
