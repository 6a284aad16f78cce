// The transformer as a circuit, simulated: names, the judge's table, speed in cycles; and with
// --cycles what the chip's clock says.

#include <algorithm>
#include <cstring>

#include "07_fast_inference/bench/engine_main.hpp"
#include "08_hardware/fpga/simulator/chip_engine.hpp"
#include "08_hardware/fpga/simulator/report.hpp"

int main(int argc, char** argv) {
  // 1. What only a simulated chip can show: cycles of each token, and its signals.
  const bool report = std::any_of(argv, argv + argc,
                                  [](const char* word) { return !std::strcmp(word, "--cycles"); });
  if (report) return ladder::report_main(argc, argv);

  // 2. What every engine has.
  return ladder::engine_main(
      ladder::chip_kinds(), argc, argv,
      {.description = "Stage 8: the transformer as a circuit, simulated. With --cycles first, it "
                      "reports what the chip's clock says (08_fpga --cycles --help)."});
}
