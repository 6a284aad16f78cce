#include <chrono>
#include <fmt/format.h>
#include "07_fast_inference/fixed_point/q4_12.hpp"
#include "08_hardware/fpga/simulator/chip.hpp"
#include "common/shipped.hpp"
using namespace ladder;
int main() {
  const FixedModel m = to_fixed_model(fit_to_fixed_point(read_model(load_weights(shipped_weights_path()))));
  FixedPointEngine engine(m);
  Chip chip(m);
  ChipSettings s; s.teach = true;
  chip.reset(s);
  const int tokens[] = {26, 4, 12, 12, 0};
  for (int p = 0; p < 5; ++p) {
    chip.feed = TaughtToken{tokens[p], p};
    int n = 0;
    do { chip.cycle(); ++n; } while (!chip.logits && n < 1000);
    const FixedSums sums = engine.sums({tokens[p], p});
    fmt::print("{} cycles\n", n);
    for (int i = 0; i < 27 && chip.logits; ++i) fmt::print("{}:{} ", sums[i], chip.logits->sums[i]);
    fmt::print("\n");
  }
}
