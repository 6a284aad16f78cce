#include "common/safetensors.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/files.hpp"

namespace ladder {
namespace {

using nlohmann::json;

constexpr std::size_t length_bytes = 8;
constexpr std::size_t max_header_bytes = 1 << 20;

static_assert(std::endian::native == std::endian::little, "the file's numbers are little-endian");

std::size_t count_elements(const std::vector<std::size_t>& shape) {
  std::size_t count = 1;
  for (const std::size_t extent : shape) {
    if (extent != 0 && count > max_file_bytes / extent) throw Error("a shape is too large");
    count *= extent;
  }
  return count;
}

Tensor parse_tensor(const json& entry, std::string_view data) {
  if (entry.at("dtype") != "F32") throw Error("its dtype is not F32");
  Tensor tensor;
  tensor.shape = entry.at("shape").get<std::vector<std::size_t>>();
  const auto [begin, end] = entry.at("data_offsets").get<std::pair<std::size_t, std::size_t>>();
  if (begin > end || end > data.size()) throw Error("its data lies outside the file (truncated?)");
  const std::size_t count = count_elements(tensor.shape);
  if ((end - begin) != count * sizeof(float)) throw Error("its shape and its data differ in size");
  tensor.values.resize(count);
  if (count > 0) std::memcpy(tensor.values.data(), data.data() + begin, end - begin);
  for (const float value : tensor.values) {
    if (!std::isfinite(value)) throw Error("it holds a NaN or an infinity");
  }
  return tensor;
}

// Every byte of the data must belong to exactly one tensor.
void check_layout(const json& header, std::size_t data_size) {
  std::map<std::size_t, std::size_t> spans;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    const auto [begin, end] = entry.at("data_offsets").get<std::pair<std::size_t, std::size_t>>();
    if (begin != end && !spans.emplace(begin, end).second) throw Error("two tensors overlap");
  }
  std::size_t covered = 0;
  for (const auto& [begin, end] : spans) {
    if (begin != covered) throw Error("the tensors overlap or leave a gap");
    covered = end;
  }
  if (covered != data_size) throw Error("the file is longer or shorter than its tensors");
}

Weights parse(std::string_view bytes) {
  if (bytes.size() < length_bytes) throw Error("it is too short to be a safetensors file");
  std::uint64_t header_size = 0;
  std::memcpy(&header_size, bytes.data(), length_bytes);
  bytes.remove_prefix(length_bytes);
  if (header_size > max_header_bytes) throw Error("its header is absurdly long");
  if (header_size > bytes.size()) throw Error("it is truncated within its header");
  const json header = json::parse(bytes.substr(0, header_size), nullptr, false);
  bytes.remove_prefix(header_size);
  if (!header.is_object()) throw Error("its header is not a JSON object");

  Weights weights;
  for (const auto& [name, entry] : header.items()) {
    try {
      if (name == "__metadata__") {
        weights.metadata = entry.get<std::map<std::string, std::string>>();
      } else {
        weights.tensors.emplace(name, parse_tensor(entry, bytes));
      }
    } catch (const json::exception&) {
      throw Error(fmt::format("'{}' is malformed in its header", name));
    } catch (const Error& error) {
      throw Error(fmt::format("tensor '{}': {}", name, error.what()));
    }
  }
  check_layout(header, bytes.size());
  return weights;
}

}  // namespace

const Tensor& Weights::get(const std::string& name, const std::vector<std::size_t>& shape) const {
  const auto place = tensors.find(name);
  if (place == tensors.end()) throw Error(fmt::format("the weights have no tensor '{}'", name));
  if (place->second.shape != shape) {
    throw Error(fmt::format("the tensor '{}' has shape ({}) and ({}) is needed", name,
                            fmt::join(place->second.shape, ", "), fmt::join(shape, ", ")));
  }
  return place->second;
}

Weights parse_safetensors(std::string_view bytes, const std::string& origin) {
  try {
    return parse(bytes);
  } catch (const Error& error) {
    throw Error(fmt::format("{} is no usable weights file: {}", origin, error.what()));
  }
}

std::string to_safetensors(const Weights& weights) {
  json header;
  std::string data;
  for (const auto& [name, tensor] : weights.tensors) {
    const std::size_t begin = data.size();
    data.append(reinterpret_cast<const char*>(tensor.values.data()),
                tensor.values.size() * sizeof(float));
    header[name] = {
        {"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {begin, data.size()}}};
  }
  header["__metadata__"] = weights.metadata;
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // the numbers start at a multiple of eight
  const std::uint64_t header_size = text.size();
  std::string bytes(length_bytes, '\0');
  std::memcpy(bytes.data(), &header_size, length_bytes);
  return bytes + text + data;
}

Weights load_weights(const std::string& path) { return parse_safetensors(read_file(path), path); }

void save_weights(const std::string& path, const Weights& weights) {
  write_file(path, to_safetensors(weights));
}

}  // namespace ladder
