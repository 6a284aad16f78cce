#include "common/shipped.hpp"

#include <cstdlib>
#include <filesystem>
#ifdef __APPLE__
#include <cstdint>
#include <mach-o/dyld.h>
#endif

#include <fmt/format.h>

namespace ladder {
namespace {

namespace fs = std::filesystem;

// The file of the running program, links followed; empty if the system does not say.
fs::path program_path() {
  std::error_code error;
#ifdef __APPLE__
  char path[4096];
  std::uint32_t size = sizeof path;
  return _NSGetExecutablePath(path, &size) == 0 ? fs::canonical(path, error) : fs::path();
#else
  return fs::read_symlink("/proc/self/exe", error);
#endif
}

bool holds_data(const fs::path& folder) {
  std::error_code error;
  return fs::is_directory(folder / "common/data", error);
}

fs::path data_root() {
  if (const char* named = std::getenv("MICROGPT_LADDER_DATA"); named && *named) return named;
  const fs::path program = program_path();
  const fs::path installed = program.parent_path().parent_path() / "share/microgpt_ladder";
  const fs::path repository = LADDER_ROOT;
  if (!program.empty() && holds_data(installed)) return installed;
  // Where neither is there, a message names the place beside the program: the reader never heard of
  // the folder on the machine that built it.
  return program.empty() || holds_data(repository) ? repository : installed;
}

}  // namespace

std::string data_path(const std::string& relative) { return (data_root() / relative).string(); }

std::string advice_on_missing(const std::string& path) {
  const fs::path root = data_root();
  if (holds_data(root) || !path.starts_with((root / "").string())) return "check the path";
  return fmt::format(
      "what comes with the ladder belongs in {}, or in a folder that MICROGPT_LADDER_DATA names",
      root.string());
}

std::string shipped_weights_path() { return data_path("common/data/microgpt.safetensors"); }
std::string shipped_int4_path() { return data_path("common/data/microgpt_int4.safetensors"); }
std::string shipped_ternary_path() { return data_path("common/data/microgpt_ternary.safetensors"); }
std::string shipped_golden_path() { return data_path("common/data/microgpt_golden.json"); }

}  // namespace ladder
