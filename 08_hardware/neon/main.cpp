// The model of stage 7 in the vector instructions of Arm's processors, written by hand.
#include "07_fast_inference/bench/engine_main.hpp"
#include "07_fast_inference/bench/instructions.hpp"
#include "07_fast_inference/fixed_point/q4_12.hpp"
#include "08_hardware/neon/check_bits.hpp"
#include "08_hardware/neon/check_kernels.hpp"
#include "08_hardware/neon/neon_engines.hpp"
#include "common/cross.hpp"

int main(int argc, char** argv) {
  using namespace ladder;
  const bool emulated = !emulator_name().empty();
  const auto kind = [&](const char* name, const char* precision, const char* idea, double error,
                        std::unique_ptr<Engine> (*make)(const MicroGpt&)) {
    return EngineKind{.name = name,
                      .precision = precision,
                      .idea = idea,
                      .caches = false,
                      .many_streams = false,
                      .allowed_error = error,
                      .make = make,
                      .emulated = emulated};
  };
  std::vector<EngineKind> kinds = {
      kind("neon", "fp32", "columns times one lane of the input", fp32_error, neon::make_fp32),
      kind("neon_q4_12", "Q4.12", "smlal: 16 bits times 16 bits", FixedPointEngine::error_bound,
           neon::make_q4_12)};
  if (neon::has_dot_product()) {
    kinds.push_back(kind("neon_sdot", "Q4.12", "sdot: four products of bytes for one",
                         FixedPointEngine::error_bound, neon::make_q4_12_sdot));
  }
  // 07's own, whose vectors the compiler translates.
  kinds.push_back(kind("q4_12", "Q4.12", "07's, in the compiler's vectors",
                       FixedPointEngine::error_bound, make_q4_12));
  kinds.push_back(kind("q4_12_plain", "Q4.12", "07's definition, in plain loops",
                       FixedPointEngine::error_bound, make_q4_12_plain));

  return engine_main(
      kinds, argc, argv,
      {.description = "Stage 7's model in NEON's instructions, judged and measured.",
       .before_judging = [] { print_emulator(); },
       .studies = {{"--bits", "Q4.12 beside 07's definition, bit by bit",
                    [](const MicroGpt&, const BenchOptions&) { neon::check_bits(); }},
                   {"--kernels", "training's inner loops, beside double precision",
                    [](const MicroGpt&, const BenchOptions&) { neon::check_kernels(); }},
                   {"--instructions", "instructions a token, counted by the emulator",
                    [&](const MicroGpt& model, const BenchOptions& options) {
                      print_instructions(kinds, model, options);
                    },
                    [](const MicroGpt&) { need_counting(); }}}});
}
