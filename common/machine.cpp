#include "common/machine.hpp"

#include <ctime>
#include <fstream>
#include <sys/utsname.h>
#include <thread>

#include <fmt/chrono.h>
#include <fmt/format.h>

#ifdef __APPLE__
#include <sys/sysctl.h>
#endif

namespace ladder {
namespace {

std::string processor() {
#ifdef __APPLE__
  char name[128] = "";
  std::size_t size = sizeof name;
  if (sysctlbyname("machdep.cpu.brand_string", name, &size, nullptr, 0) == 0) return name;
#endif
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown processor";
}

}  // namespace

std::string machine_description() {
  utsname system{};
  uname(&system);
  return fmt::format("{}, {} cores, {} {}", processor(), std::thread::hardware_concurrency(),
                     system.sysname, system.machine);
}

std::string compiler_description() {
#ifdef __clang__
  return fmt::format("clang {}.{}.{} {}", __clang_major__, __clang_minor__, __clang_patchlevel__,
                     LADDER_FLAGS);
#else
  return fmt::format("g++ {}.{}.{} {}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__,
                     LADDER_FLAGS);
#endif
}

std::string date_today() { return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr))); }

}  // namespace ladder
