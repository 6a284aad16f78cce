// Arm's matrix extension: one instruction multiplies every lane of a vector with every lane of
// another. Two engines, many streams and one; and what entering the mode costs that it needs.

#include <algorithm>
#include <filesystem>
#include <string_view>

#include <fmt/format.h>

#include "07_fast_inference/bench/engine_main.hpp"
#include "08_hardware/sme2/cases.hpp"
#include "08_hardware/sme2/engines.hpp"
#include "08_hardware/sme2/kernels/streaming.hpp"
#include "08_hardware/sme2/studies.hpp"
#include "common/cross.hpp"
#include "common/error.hpp"
#include "common/program.hpp"

using namespace ladder;

int main(int argc, char** argv) {
  // 1. No instruction of SME2 where there is none; only --help is left then.
  const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
  const bool help = std::any_of(arguments.begin(), arguments.end(), [](std::string_view argument) {
    return argument == "--help" || argument == "-h";
  });
  if (!sme2::available() && !help) {
    return run_program([] {
      throw Error(
          "this processor has no SME2, which an Apple M4 has, or QEMU 11 with -cpu max (the README "
          "of 08_hardware/sme2 says how)");
    });
  }

  // 2. The engines. Under an emulator their time is not that of a processor.
  const std::string emulator = std::filesystem::path(emulator_name()).filename().string();
  const bool emulated = !emulator.empty();
  const EngineKind kinds[] = {{.name = "streams_sme2",
                               .precision = "fp32",
                               .idea = "64 streams, matrices as outer products",
                               .caches = false,
                               .many_streams = true,
                               .allowed_error = fp32_error,
                               .make = make_streams_sme2,
                               .emulated = emulated},
                              {.name = "one_sme2",
                               .precision = "fp32",
                               .idea = "four vectors of a row at once, sums in ZA",
                               .caches = false,
                               .many_streams = false,
                               .allowed_error = fp32_error,
                               .make = make_decode_sme2,
                               .emulated = emulated}};

  // 3. What they are made of, tried and counted.
  const auto study = [](void (*print)()) {
    return [print](const MicroGpt&, const BenchOptions&) { print(); };
  };
  return engine_main(
      kinds, argc, argv,
      {.description = "Engines on Arm's matrix extension SME2, judged and measured.",
       .before_judging =
           [&] {
             fmt::print("streaming vectors of {} bits{}\n", 32 * sme2::lanes(),
                        emulated ? ", emulated by " + emulator : "");
           },
       .studies = {{"--matrices", "products of many shapes, against double precision",
                    study(sme2::study_matrices)},
                   {"--gradients", "entries to streaming mode for a name's gradients, three ways",
                    study(sme2::study_gradients)},
                   {"--cases", "the work whose instructions count_instructions.py counts",
                    [](const MicroGpt& model, const BenchOptions&) { sme2::run_cases(model); }}}});
}
