#include "common/safetensors.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "common/dtype.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/json.hpp"
#include "common/terminal.hpp"
#include "common/utf8.hpp"

namespace ladder {
namespace {

using nlohmann::json;

constexpr std::size_t length_bytes = 8;
constexpr std::size_t max_header_bytes = 1 << 20;

// A name as a message can show it.
std::string shown(std::string_view name) { return shortened(printable(name), 40); }

std::size_t count_elements(const std::vector<std::size_t>& shape) {
  std::size_t count = 1;
  for (const std::size_t extent : shape) {
    if (extent > max_file_bytes || (extent > 0 && count > max_file_bytes / extent)) {
      throw Error("its shape is too large");
    }
    count *= extent;
  }
  return count;
}

// What the header says of one tensor; its numbers are bytes begin … end of the data.
struct Entry {
  std::string name;
  const Dtype* dtype;
  std::vector<std::size_t> shape;
  std::size_t begin;
  std::size_t end;
};

// The library would turn -1, 2.5 and true into sizes without a word.
std::vector<std::size_t> read_sizes(const json& list) {
  if (!list.is_array()) throw Error("it has a malformed size");
  std::vector<std::size_t> sizes;
  for (const json& size : list) {
    if (!size.is_number_unsigned()) throw Error("it has a malformed size");
    sizes.push_back(size.get<std::size_t>());
  }
  return sizes;
}

const Dtype* read_dtype(const json& field) {
  if (!field.is_string()) throw Error("its dtype is malformed");
  const auto name = field.get<std::string>();
  if (const Dtype* dtype = find_dtype(name)) return dtype;
  throw Error(fmt::format("its numbers are '{}', and what can be read is {}; convert the file",
                          shown(name), fmt::join(dtype_names(), ", ")));
}

Entry read_entry(const std::string& name, const json& fields, std::size_t data_size) {
  const Dtype* dtype = read_dtype(fields.at("dtype"));
  const auto offsets = read_sizes(fields.at("data_offsets"));
  if (offsets.size() != 2) throw Error("it needs two data_offsets");
  Entry entry{name, dtype, read_sizes(fields.at("shape")), offsets[0], offsets[1]};
  if (entry.begin > entry.end || entry.end > data_size) {
    throw Error("its data lies outside the file (truncated?)");
  }
  if (entry.end - entry.begin != count_elements(entry.shape) * dtype->size) {
    throw Error("its shape and its data differ in size");
  }
  return entry;
}

// Every byte of the data must belong to exactly one tensor.
void check_layout(std::vector<Entry>& entries, std::size_t data_size) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::size_t covered = 0;
  for (const Entry& entry : entries) {
    if (entry.begin < covered)
      throw Error(fmt::format("tensor '{}' overlaps another", shown(entry.name)));
    if (entry.begin > covered)
      throw Error(fmt::format("a gap before tensor '{}'", shown(entry.name)));
    covered = entry.end;
  }
  if (covered != data_size) throw Error("it is longer than its tensors");
}

void check_finite(const std::string& name, const Tensor& tensor) {
  for (const float value : tensor.values) {
    if (!std::isfinite(value)) {
      throw Error(
          fmt::format("tensor '{}': it holds a NaN, an infinity or a number too large for a float",
                      shown(name)));
    }
  }
}

json parse_header(std::string_view text) {
  json header = parse_json(text, "its header");
  if (!header.is_object()) throw Error("its header is not a JSON object");
  return header;
}

// Takes the length and the header off the front of `bytes`; what is left are the numbers.
json take_header(std::string_view& bytes) {
  if (bytes.size() < length_bytes) throw Error("it is too short to be a safetensors file");
  std::uint64_t header_size = 0;
  std::memcpy(&header_size, bytes.data(), length_bytes);
  bytes.remove_prefix(length_bytes);
  if (header_size > max_header_bytes) throw Error("its header is absurdly long");
  if (header_size > bytes.size()) throw Error("it is truncated within its header");
  json header = parse_header(bytes.substr(0, header_size));
  bytes.remove_prefix(header_size);
  return header;
}

Tensor read_tensor(const Entry& entry, std::string_view data) {
  const Dtype& dtype = *entry.dtype;
  Tensor tensor{entry.shape, {}};
  tensor.values.reserve((entry.end - entry.begin) / dtype.size);
  for (std::size_t at = entry.begin; at < entry.end; at += dtype.size) {
    tensor.values.push_back(dtype.read(data.data() + at));
  }
  return tensor;
}

Weights parse(std::string_view bytes) {
  const json header = take_header(bytes);
  Weights weights;
  std::vector<Entry> entries;
  for (const auto& [name, fields] : header.items()) {
    try {
      if (name == "__metadata__") {
        weights.metadata = fields.get<std::map<std::string, std::string>>();
      } else {
        entries.push_back(read_entry(name, fields, bytes.size()));
      }
    } catch (const json::exception&) {
      throw Error(fmt::format("'{}' is malformed in its header", shown(name)));
    } catch (const Error& error) {
      throw Error(fmt::format("tensor '{}': {}", shown(name), error.what()));
    }
  }
  // Only now memory is taken: without overlaps the numbers are no more than twice the file.
  check_layout(entries, bytes.size());
  for (const Entry& entry : entries) {
    const Tensor& tensor = weights.tensors[entry.name] = read_tensor(entry, bytes);
    check_finite(entry.name, tensor);
  }
  return weights;
}

// The names of the tensors there are, the first few if they are many.
std::string list_names(const std::map<std::string, Tensor>& tensors) {
  constexpr std::size_t most = 12;
  if (tensors.empty()) return "no tensors at all";
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) {
    if (names.size() == most)
      return fmt::format("{} tensors, {}, …", tensors.size(), fmt::join(names, ", "));
    names.push_back(shown(name));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

const Tensor& Weights::get(const std::string& name, const std::vector<std::size_t>& shape) const {
  const auto place = tensors.find(name);
  if (place == tensors.end()) {
    throw Error(fmt::format("the weights have no tensor '{}'; what they have is {}", name,
                            list_names(tensors)));
  }
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
    throw Error(fmt::format("{} is no usable weights file: {}", printable(origin), error.what()));
  }
}

std::string to_safetensors(const Weights& weights) {
  json header;
  std::string data;
  for (const auto& [name, tensor] : weights.tensors) {
    check_finite(name, tensor);
    if (tensor.values.size() != count_elements(tensor.shape)) {
      throw Error(fmt::format("tensor '{}': its shape and its data differ in size", name));
    }
    const std::size_t begin = data.size();
    data.append(reinterpret_cast<const char*>(tensor.values.data()),
                tensor.values.size() * sizeof(float));
    header[name] = {
        {"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {begin, data.size()}}};
  }
  header["__metadata__"] = weights.metadata;
  std::string text = header.dump(-1, ' ', false, json::error_handler_t::replace);
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
