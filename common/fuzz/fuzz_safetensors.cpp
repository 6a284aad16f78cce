// Any bytes at all as a weights file: an Error of one line, or weights that survive being written.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "common/error.hpp"
#include "common/fuzz/promise.hpp"
#include "common/safetensors.hpp"
#include "common/utf8.hpp"

using namespace ladder;

namespace {

void check_tensor(const Tensor& tensor) {
  std::size_t count = 1;
  for (const std::size_t extent : tensor.shape) count *= extent;
  require(count == tensor.values.size(), "a shape fits its numbers");
  for (const float value : tensor.values) require(std::isfinite(value), "numbers are finite");
}

void check_same(const Weights& a, const Weights& b) {
  require(a.metadata == b.metadata, "metadata survives");
  require(a.tensors.size() == b.tensors.size(), "no tensor is lost");
  for (const auto& [name, tensor] : a.tensors) {
    const Tensor& other = b.get(name, tensor.shape);
    require(tensor.values.empty() || std::memcmp(tensor.values.data(), other.values.data(),
                                                 tensor.values.size() * sizeof(float)) == 0,
            "numbers survive bit for bit");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Weights weights;
  try {
    weights = parse_safetensors({reinterpret_cast<const char*>(data), size}, "fuzz");
  } catch (const Error& error) {
    require(printable(error.what()) == error.what(), "an error is one line");
    return 0;
  }
  for (const auto& [name, tensor] : weights.tensors) check_tensor(tensor);
  const std::string bytes = to_safetensors(weights);
  const Weights again = parse_safetensors(bytes, "again");
  check_same(weights, again);
  require(to_safetensors(again) == bytes, "the same weights give the same bytes");
  return 0;
}
