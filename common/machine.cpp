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
  std::string text = "clang " __clang_version__;
#else
  std::string text = "g++ " __VERSION__;
#endif
  return text + " " LADDER_FLAGS;
}

std::string date_today() { return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr))); }

}  // namespace ladder
