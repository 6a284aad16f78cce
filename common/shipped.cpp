#include "common/shipped.hpp"

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

namespace ladder {
namespace {

namespace fs = std::filesystem;

// The file of the running program, links followed; empty if the system does not say.
fs::path program_path() {
  std::error_code error;
#ifdef __APPLE__
  std::uint32_t size = 4096;
  std::string buffer(size, '\0');
  if (_NSGetExecutablePath(buffer.data(), &size) != 0) return {};
  return fs::canonical(buffer.c_str(), error);
#else
  return fs::read_symlink("/proc/self/exe", error);
#endif
}

fs::path data_root() {
  if (const char* named = std::getenv("MICROGPT_LADDER_DATA"); named && *named) return named;
  const fs::path installed =
      program_path().parent_path().parent_path() / "share" / "microgpt_ladder";
  std::error_code error;
  const fs::path built = LADDER_ROOT;
  // Where neither is there, a message should name the place beside the program, not a folder of the
  // machine that built it.
  if (!fs::is_directory(installed, error) && fs::is_directory(built, error)) return built;
  return installed;
}

}  // namespace

std::string data_path(const std::string& relative) { return (data_root() / relative).string(); }

std::string shipped_weights_path() { return data_path("common/data/microgpt.safetensors"); }
std::string shipped_golden_path() { return data_path("common/data/microgpt_golden.json"); }

}  // namespace ladder
