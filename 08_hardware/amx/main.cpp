// Intel's tiles: sixteen streams are the rows of a matrix, and one instruction multiplies it.

#include <fmt/format.h>

#include "07_fast_inference/bench/engine_main.hpp"
#include "08_hardware/amx/breakdown.hpp"
#include "08_hardware/amx/engines.hpp"
#include "08_hardware/amx/machine.hpp"

namespace ladder {
namespace {

void print_tiles() {
  const std::string why_not = no_tiles_because();
  if (why_not.empty()) return fmt::print("tiles of this processor: int8 and bfloat16\n");
  fmt::print("{}:\nskipped are amx_bf16 and amx_int8; a model in plain C++ computes the same\n",
             why_not);
}

void print_breakdown(const MicroGpt& model, const BenchOptions& options) {
  print_tile_breakdown(tile_engines(), model, options);
}

}  // namespace
}  // namespace ladder

int main(int argc, char** argv) {
  // 1. What only this program has: it says whether there are tiles, and where a token's time goes.
  const ladder::EngineProgram program{
      .description = "Stage 8, AMX: many streams as rows of Intel's tiles.",
      .before_judging = ladder::print_tiles,
      .studies = {{"--breakdown", "measure where the time of a token goes",
                   ladder::print_breakdown}},
      .kinds = {{"--tiles", "the engines on tiles alone", ladder::engines_on_tiles()}}};

  // 2. What every program with engines has: names, the judge's table, the speed table.
  return ladder::engine_main(ladder::tile_engines(), argc, argv, program);
}
