#include "common/safetensors.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <set>
#include <utility>

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

Entry read_entry(const std::string& name, const json& fields, std::size_t data_size) {
  if (fields.at("dtype") != "F32") throw Error("its dtype is not F32");
  const auto offsets = read_sizes(fields.at("data_offsets"));
  if (offsets.size() != 2) throw Error("it needs two data_offsets");
  Entry entry{name, read_sizes(fields.at("shape")), offsets[0], offsets[1]};
  if (entry.begin > entry.end || entry.end > data_size) {
    throw Error("its data lies outside the file (truncated?)");
  }
  if (entry.end - entry.begin != count_elements(entry.shape) * sizeof(float)) {
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
    if (entry.begin < covered) throw Error(fmt::format("tensor '{}' overlaps another", entry.name));
    if (entry.begin > covered) throw Error(fmt::format("a gap before tensor '{}'", entry.name));
    covered = entry.end;
  }
  if (covered != data_size) throw Error("it is longer than its tensors");
}

void check_finite(const std::string& name, const Tensor& tensor) {
  for (const float value : tensor.values) {
    if (!std::isfinite(value)) {
      throw Error(fmt::format("tensor '{}': it holds a NaN or an infinity", name));
    }
  }
}

// Walks through JSON and throws where a key stands twice in one object. (A callback of
// json::parse() could do it too, but takes time that grows with the square of an object's size.)
class UniqueKeys : public nlohmann::json_sax<json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(json::number_integer_t) override { return true; }
  bool number_unsigned(json::number_unsigned_t) override { return true; }
  bool number_float(json::number_float_t, const std::string&) override { return true; }
  bool string(std::string&) override { return true; }
  bool binary(json::binary_t&) override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool start_object(std::size_t) override { return keys_.emplace_back(), true; }
  bool end_object() override { return keys_.pop_back(), true; }
  bool key(std::string& key) override {
    if (!keys_.back().insert(key).second) {
      throw Error(fmt::format("'{}' stands twice in its header", key));
    }
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const json::exception&) override {
    return false;
  }

 private:
  std::vector<std::set<std::string>> keys_;  // of the objects around the place being read
};

// The JSON header, in which no key may stand twice: the library would keep the last one silently.
json parse_header(std::string_view text) {
  json header = json::parse(text, nullptr, false);
  if (!header.is_object()) throw Error("its header is not a JSON object");
  UniqueKeys unique_keys;
  json::sax_parse(text, &unique_keys);
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
      throw Error(fmt::format("'{}' is malformed in its header", name));
    } catch (const Error& error) {
      throw Error(fmt::format("tensor '{}': {}", name, error.what()));
    }
  }
  // Only now memory is taken: without overlaps the tensors are no larger than the file.
  check_layout(entries, bytes.size());
  for (const Entry& entry : entries) {
    Tensor& tensor = weights.tensors[entry.name];
    tensor.shape = entry.shape;
    tensor.values.resize((entry.end - entry.begin) / sizeof(float));
    std::copy_n(bytes.data() + entry.begin, entry.end - entry.begin,
                reinterpret_cast<char*>(tensor.values.data()));
    check_finite(entry.name, tensor);
  }
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
