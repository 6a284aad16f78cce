// Stage 7: the same forward pass, from a framework's way of running it to the limit of one core.

#include <fmt/format.h>

#include "07_fast_inference/bench/baselines.hpp"
#include "07_fast_inference/bench/engine_main.hpp"
#include "07_fast_inference/engines.hpp"
#include "07_fast_inference/many_streams/integer_model.hpp"
#include "07_fast_inference/study/breakdown.hpp"

namespace ladder {
namespace {

void print_integer_kernels() {
  fmt::print("streams of integers multiply by {} (16 bits) and {} (8 bits)\n",
             all_kernels(16).back().instructions, all_kernels(8).back().instructions);
}

std::vector<BenchRow> measure_baselines(const std::string& weights, const BenchOptions& options) {
  return run_baselines({.weights = weights,
                        .seed = options.seed,
                        .temperature = double{options.temperature},
                        .names = 0,
                        .seconds = 2});
}

}  // namespace
}  // namespace ladder

int main(int argc, char** argv) {
  // 1. What only this stage has: it says which instructions its integers use, it knows where the
  //    time of a token goes, it has slower ancestors, in Python, and every width of a vector.
  const ladder::EngineProgram program{
      .description = "Stage 7: the same forward pass, engine by engine, faster.",
      .before_judging = ladder::print_integer_kernels,
      .studies = {{"--breakdown", "measure where the time of a token goes",
                   [](const ladder::MicroGpt& model, const ladder::BenchOptions& options) {
                     ladder::print_breakdown(ladder::all_engines(), model, options);
                   },
                   ladder::check_breakdown}},
      .rows = {{"--baselines", "measure the Python programs of baselines/ too, with --bench",
                ladder::measure_baselines}},
      .kinds = {{"--widths", "the engines in vectors, at every width this machine has",
                 ladder::engines_by_width()}}};

  // 2. What every program with engines has: names, the judge's table, the speed table.
  return ladder::engine_main(ladder::all_engines(), argc, argv, program);
}
