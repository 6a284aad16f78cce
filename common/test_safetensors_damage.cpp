#include <bit>
#include <cstdint>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "common/error.hpp"
#include "common/random.hpp"
#include "common/safetensors.hpp"
#include "common/test_support.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string little_endian(std::uint64_t number) {
  std::string bytes;
  for (int shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(number >> shift);
  return bytes;
}

std::string file_of(const std::string& header, const std::string& data) {
  return little_endian(header.size()) + header + data;
}

// Eight bytes of data: two floats, 1 and 2.
const std::string two_floats("\0\0\x80\x3F\0\0\0\x40", 8);

std::string complaint(const std::string& bytes) {
  return message_of<Error>([&] { parse_safetensors(bytes, "my.safetensors"); });
}

// The complaint about a file with these tensors and eight bytes of data.
std::string header_complaint(const std::string& header) {
  return complaint(file_of(header, two_floats));
}

std::string tensor(const std::string& shape, const std::string& offsets,
                   const std::string& dtype = "\"F32\"") {
  return R"({"dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
}

Weights small_weights() {
  Weights weights;
  weights.tensors["a"] = {{2, 2}, {1, 2, 3, 4}};
  weights.tensors["b"] = {{3}, {5, 6, 7}};
  weights.metadata["k"] = "v";
  return weights;
}

}  // namespace

TEST_CASE("the undamaged file of this chamber of horrors is read") {
  CHECK(header_complaint(R"({"a":)" + tensor("[2]", "[0,8]") + "}").empty());
  CHECK(header_complaint(R"({"a":)" + tensor("[]", "[4,8]") + R"(,"b":)" +
                         tensor("[1,1]", "[0,4]") + "}")
            .empty());
}

TEST_CASE("a file that ends too early, at any byte, or goes on too long") {
  const std::string bytes = to_safetensors(small_weights());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    CAPTURE(length);
    CHECK_THAT(complaint(bytes.substr(0, length)),
               ContainsSubstring("my.safetensors is no usable"));
  }
  CHECK_THAT(complaint(bytes + "x"), ContainsSubstring("longer than its tensors"));
  CHECK_THAT(complaint(bytes + two_floats), ContainsSubstring("longer than its tensors"));
}

TEST_CASE("a header of absurd length") {
  for (const std::uint64_t length :
       {std::uint64_t{1} << 21, ~std::uint64_t{0}, ~std::uint64_t{7}}) {
    CHECK_THAT(complaint(little_endian(length) + "{}"), ContainsSubstring("absurdly long"));
  }
  CHECK_THAT(complaint(little_endian(3) + "{}"), ContainsSubstring("truncated within its header"));
  CHECK_THAT(complaint(little_endian(0)), ContainsSubstring("its header: not JSON"));
}

TEST_CASE("a header that is not JSON, or not an object") {
  for (const char* header : {"[]", "null", "3", "\"a\""}) {
    CAPTURE(header);
    CHECK_THAT(header_complaint(header), ContainsSubstring("its header is not a JSON object"));
  }
  for (const char* header :
       {"", " ", "{", "{}x", "{\"a\"}", "{'a':1}", "{\"\xFF\":1}", "{\"a\":1,}"}) {
    CAPTURE(header);
    CHECK_THAT(header_complaint(header), ContainsSubstring("its header: not JSON"));
  }
}

TEST_CASE("a header nested as deep as fits neither overflows the stack nor is accepted") {
  constexpr std::size_t deep = 200'000;
  std::string objects;
  for (std::size_t i = 0; i < deep; ++i) objects += R"({"":)";
  for (const std::string& nested :
       {std::string(deep, '['), objects, std::string(deep, '[') + std::string(deep, ']'),
        R"({"a":)" + std::string(deep, '[') + std::string(deep, ']') + "}",
        R"({"a":)" + objects + "1" + std::string(deep + 1, '}'),
        R"({"a":)" + tensor(std::string(deep, '[') + std::string(deep, ']'), "[0,8]") + "}",
        R"({"a":)" + tensor("[2]", "[0,8]", std::string(deep, '[') + std::string(deep, ']')) +
            "}"}) {
    CHECK_FALSE(header_complaint(nested).empty());
  }
}

TEST_CASE("entries that are malformed") {
  for (const std::string& entry : {
           std::string("1"),
           std::string("null"),
           std::string("[]"),
           std::string("{}"),
           std::string(R"({"dtype":"F32"})"),
           std::string(R"({"dtype":"F32","shape":[2]})"),
           std::string(R"({"shape":[2],"data_offsets":[0,8]})"),
           tensor("[2]", "[0]"),
           tensor("[2]", "[0,8,8]"),
           tensor("[2]", "8"),
           tensor("[2]", "null"),
           tensor("[2]", R"(["0","8"])"),
           tensor("[2]", "[0.0,8.0]"),
           tensor("[2]", "[-0,8]"),
           tensor("2", "[0,8]"),
           tensor("null", "[0,8]"),
           tensor(R"({"x":2})", "[0,8]"),
           tensor("[2.0]", "[0,8]"),
           tensor("[true,2]", "[0,8]"),
           tensor(R"(["2"])", "[0,8]"),
           tensor("[[2]]", "[0,8]"),
       }) {
    CAPTURE(entry);
    CHECK_THAT(header_complaint(R"({"a":)" + entry + "}"), ContainsSubstring("'a'"));
  }
}

TEST_CASE("numbers of another type are named, and those that are read") {
  for (const char* dtype : {"I32", "F8_E4M3", "f32", "BOOL", "", "F32 "}) {
    CHECK_THAT(header_complaint(R"({"a":)" +
                                tensor("[2]", "[0,8]", "\"" + std::string(dtype) + "\"") + "}"),
               ContainsSubstring("tensor 'a': its numbers are '" + std::string(dtype) +
                                 "', and what can be read is F32, F16, BF16, F64"));
  }
  for (const char* dtype : {"null", "32", "[]", "{}"}) {
    CHECK_THAT(header_complaint(R"({"a":)" + tensor("[2]", "[0,8]", dtype) + "}"),
               ContainsSubstring("tensor 'a': its dtype is malformed"));
  }
  const std::string absurd = header_complaint(
      R"({"a\nb":)" + tensor("[2]", "[0,8]", R"("x\ny)" + std::string(100'000, 'z') + "\"") + "}");
  CHECK(absurd.size() < 200);
  CHECK_THAT(absurd, ContainsSubstring("tensor 'a�b'") && !ContainsSubstring("\n"));
}

TEST_CASE("data of another size than its number format wants") {
  for (const auto& [dtype, shape] : {std::pair{"F16", "[2]"},
                                     {"BF16", "[2]"},
                                     {"F64", "[2]"},
                                     {"F16", "[8]"},
                                     {"F64", "[8]"},
                                     {"F32", "[4]"}}) {
    CAPTURE(dtype, shape);
    CHECK_THAT(header_complaint(R"({"a":)" +
                                tensor(shape, "[0,8]", "\"" + std::string(dtype) + "\"") + "}"),
               ContainsSubstring("its shape and its data differ"));
  }
}

TEST_CASE("a shape at odds with its data, negative or too large to multiply out") {
  for (const char* shape :
       {"[1]", "[3]", "[]", "[2,2]", "[0]", "[-2]", "[-1,-2]", "[0,-1]", "[18446744073709551615]",
        "[4294967296,4294967296]", "[4611686018427387904,4,2]", "[9223372036854775808,2,1]",
        "[0,18446744073709551615]", "[1e30]", "[2,18446744073709551617]"}) {
    CAPTURE(shape);
    CHECK_FALSE(header_complaint(R"({"a":)" + tensor(shape, "[0,8]") + "}").empty());
  }
  // Zero times anything is no number at all, but no matrix of a model has such a side.
  const std::string nothing = tensor("[0,18446744073709551615]", "[8,8]");
  CHECK_THAT(header_complaint(R"({"a":)" + tensor("[2]", "[0,8]") + R"(,"b":)" + nothing + "}"),
             ContainsSubstring("too large"));
}

TEST_CASE("data outside the file, upside down, overlapping, or with a gap") {
  const auto two = [](const std::string& first, const std::string& second) {
    return header_complaint(R"({"a":)" + first + R"(,"b":)" + second + "}");
  };
  CHECK_THAT(header_complaint(R"({"a":)" + tensor("[2]", "[8,16]") + "}"),
             ContainsSubstring("outside the file"));
  CHECK_THAT(header_complaint(R"({"a":)" + tensor("[2]", "[8,0]") + "}"),
             ContainsSubstring("outside the file"));
  CHECK_THAT(header_complaint(R"({"a":)" + tensor("[2]", "[18446744073709551608,0]") + "}"),
             ContainsSubstring("outside the file"));
  CHECK_THAT(two(tensor("[2]", "[0,8]"), tensor("[2]", "[0,8]")), ContainsSubstring("overlaps"));
  CHECK_THAT(two(tensor("[2]", "[0,8]"), tensor("[1]", "[4,8]")), ContainsSubstring("overlaps"));
  CHECK_THAT(two(tensor("[2]", "[0,8]"), tensor("[0]", "[4,4]")), ContainsSubstring("overlaps"));
  CHECK_THAT(header_complaint(R"({"a":)" + tensor("[1]", "[4,8]") + "}"), ContainsSubstring("gap"));
  CHECK_THAT(header_complaint(R"({"a":)" + tensor("[1]", "[0,4]") + "}"),
             ContainsSubstring("longer than its tensors"));
  CHECK_THAT(header_complaint("{}"), ContainsSubstring("longer than its tensors"));
}

TEST_CASE("thousands of tensors that share their data take no memory before they are refused") {
  std::string header = "{";
  for (int i = 0; i < 14'000; ++i) {
    header +=
        (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":" + tensor("[262144]", "[0,1048576]");
  }
  CHECK_THAT(complaint(file_of(header + "}", std::string(1 << 20, '\0'))),
             ContainsSubstring("overlaps"));
}

TEST_CASE("NaN and infinities, of either sign and any payload") {
  const std::string header = R"({"a":)" + tensor("[2]", "[0,8]") + "}";
  for (const std::uint32_t bits :
       {0x7FC00000u, 0xFFC00000u, 0x7F800001u, 0x7F800000u, 0xFF800000u}) {
    const std::string bad = little_endian(bits).substr(0, 4), good(4, '\0');
    CHECK_THAT(complaint(file_of(header, bad + good)), ContainsSubstring("a NaN, an infinity or"));
    CHECK_THAT(complaint(file_of(header, good + bad)), ContainsSubstring("a NaN, an infinity or"));
  }
  const std::string largest = little_endian(0x7F7FFFFFFF7FFFFFu);
  CHECK(complaint(file_of(header, largest)).empty());
}

TEST_CASE("a key that stands twice, at any depth") {
  const std::string a = R"("a":)" + tensor("[2]", "[0,8]");
  CHECK_THAT(header_complaint("{" + a + "," + a + "}"), ContainsSubstring("'a' stands twice"));
  CHECK_THAT(header_complaint("{" + a + R"(,"__metadata__":{"k":"1","k":"2"}})"),
             ContainsSubstring("'k' stands twice"));
  CHECK_THAT(
      header_complaint(R"({"a":{"dtype":"F32","shape":[1],"shape":[2],"data_offsets":[0,8]}})"),
      ContainsSubstring("'shape' stands twice"));
  // The same key in two objects is as it should be.
  CHECK(header_complaint("{" + a + R"(,"__metadata__":{"a":"1","shape":"2"}})").empty());
}

TEST_CASE("metadata that is no list of texts") {
  const std::string a = R"("a":)" + tensor("[2]", "[0,8]");
  for (const char* metadata : {"1", "[]", "null", "\"x\"", R"({"k":1})", R"({"k":{"l":"m"}})"}) {
    CAPTURE(metadata);
    CHECK_THAT(header_complaint("{" + a + R"(,"__metadata__":)" + metadata + "}"),
               ContainsSubstring("'__metadata__' is malformed"));
  }
}

TEST_CASE("any one byte changed: read, or refused with one line, never a crash") {
  const std::string bytes = to_safetensors(small_weights());
  Random random(3);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (int round = 0; round < 20; ++round) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(random.bits());
      const std::string message = complaint(damaged);
      CHECK(message.find('\n') == std::string::npos);
    }
  }
}
