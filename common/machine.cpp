#include "common/machine.hpp"

#include <ctime>
#include <fstream>
#include <sys/utsname.h>
#include <thread>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

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

std::string operating_system() {
  utsname system{};
  uname(&system);
  return fmt::format("{} {}", system.sysname, system.machine);
}

std::string compiler() {
#ifdef __clang__
  return fmt::format("clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#else
  return fmt::format("g++ {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
}

}  // namespace

std::string machine_description() {
  return fmt::format("{}, {} cores, {}", processor(), std::thread::hardware_concurrency(),
                     operating_system());
}

std::string compiler_description() { return compiler() + " " LADDER_FLAGS; }

std::string instructions_used() {
#if defined __AVX512F__
  return "AVX-512";
#elif defined __AVX2__ && defined __FMA__
  return "AVX2, FMA";
#elif defined __SSE4_2__
  return "SSE4.2";
#elif defined __SSE2__
  return "SSE2";
#elif defined __ARM_NEON
  return "NEON";
#else
  return "none";
#endif
}

nlohmann::json machine_json() {
  return {{"processor", processor()},     {"cores", std::thread::hardware_concurrency()},
          {"system", operating_system()}, {"instructions", instructions_used()},
          {"compiler", compiler()},       {"flags", LADDER_FLAGS},
          {"date", date_today()}};
}

nlohmann::json measurement_json(const std::string& stage, nlohmann::json rows) {
  return {{"stage", stage}, {"machine", machine_json()}, {"rows", std::move(rows)}};
}

std::string date_today() { return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr))); }

}  // namespace ladder
