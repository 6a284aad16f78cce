#include "07_fast_inference/bench/instructions.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "common/cross.hpp"
#include "common/error.hpp"

namespace ladder {

void need_counting() {
  if (instructions_are_counted()) return;
  throw Error(
      "nothing counts instructions here: set QEMU_PLUGIN to libcount_instructions.so, which lies "
      "in "
      "lib/ beside the program's bin/, for a program that QEMU runs");
}

void print_instructions(std::span<const EngineKind> kinds, const MicroGpt& model,
                        const BenchOptions& options) {
  fmt::print("\n{:<16} {:<6} {:>4} {:>18}\n", "engine", "number", "str.", "instructions/token");
  for (const EngineKind& kind : kinds) {
    if (!kind.runs(model)) continue;
    const auto engine = kind.make(model);
    std::vector<std::uint8_t> tokens(4096 / static_cast<std::size_t>(engine->streams()) *
                                     static_cast<std::size_t>(engine->streams()));
    engine->start(options.seed, options.temperature);
    fmt::print("{:<16} {:<6} {:>4}       ", kind.name, kind.precision, engine->streams());
    std::fflush(stdout);
    count_instructions(tokens.size(), [&] { engine->generate(tokens); });
  }
}

}  // namespace ladder
