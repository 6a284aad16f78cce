#include "common/outputs.hpp"

#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/json.hpp"
#include "common/safetensors.hpp"

namespace ladder {
namespace {

namespace fs = std::filesystem;
using namespace nlohmann::literals;

// Two paths of one file, through links or not; also of one that is still to be made.
bool same_file(const std::string& a, const std::string& b) {
  std::error_code code;
  if (fs::exists(a, code) && fs::exists(b, code)) return fs::equivalent(a, b, code);
  return fs::weakly_canonical(a, code) == fs::weakly_canonical(b, code);
}

// Results, a table of them, a benchmark: all say on which processor (machine_json()).
bool is_results(const std::string& bytes) {
  return parse_json(bytes, "").contains("/machine/processor"_json_pointer);
}

// {"names": [{"name", "logits"}, …]}
bool is_golden_logits(const std::string& bytes) {
  const nlohmann::json value = parse_json(bytes, "");
  return value.contains("/names/0/name"_json_pointer) &&
         value.contains("/names/0/logits"_json_pointer);
}

// What is exported for a chip: its first line says who wrote it.
bool is_export(const std::string& bytes) {
  const std::string first = bytes.substr(0, bytes.find('\n'));
  return first.starts_with("// microGPT Ladder: ") || first.starts_with("# microGPT Ladder: ") ||
         bytes.starts_with("{\n \"written_by\": \"microGPT Ladder");
}

bool is_weights(const std::string& bytes) {
  return parse_safetensors(bytes, "").metadata.contains("block_size");
}

}  // namespace

bool written_by_ladder(const std::string& bytes) {
  for (const auto is_ours : {is_export, is_results, is_golden_logits, is_weights}) {
    try {
      if (is_ours(bytes)) return true;
    } catch (const Error&) {
      // Something else, then.
    }
  }
  return false;
}

void check_output(const std::string& path, std::span<const std::string> inputs, bool force) {
  std::error_code code;
  if (fs::exists(path, code) && !fs::is_regular_file(path, code)) {
    return check_writable(path);  // /dev/stdout, a pipe: nothing is lost there
  }
  for (const std::string& input : inputs) {
    if (!input.empty() && same_file(path, input)) {
      throw Error(fmt::format("{} is another file of this run ({}); name a new one to write to",
                              path, input));
    }
  }
  check_writable(path);
  if (force || !fs::exists(path, code) || fs::file_size(path, code) == 0) return;
  if (fs::file_size(path, code) > max_file_bytes || !written_by_ladder(read_file(path))) {
    throw Error(fmt::format(
        "{} is there already, and no program of the ladder wrote it; --force replaces it", path));
  }
}

}  // namespace ladder
