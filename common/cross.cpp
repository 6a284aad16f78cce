#include "common/cross.hpp"

#include <cstdlib>

#include <fmt/format.h>

namespace ladder {

std::string emulator_name() {
  const char* name = std::getenv("LADDER_EMULATOR");
  return name ? name : "";
}

void print_emulator() {
  if (emulator_name().empty()) return;
  fmt::print("run by {}: what it computes is real, the time that it takes is not\n",
             emulator_name());
}

bool instructions_are_counted() {
  const char* plugin = std::getenv("QEMU_PLUGIN");
  return plugin && *plugin;
}

}  // namespace ladder
