// A program of somebody else: an engine of the installed ladder reads the shipped weights, says
// what may begin a name, and is judged.
#include <fmt/format.h>

#include "07_fast_inference/judge/reference.hpp"

int main() {
  const std::string data = DATA_DIR "/common/data/";
  ladder::ReferenceEngine engine(
      ladder::read_model(ladder::load_weights(data + "microgpt.safetensors")));
  const ladder::Place beginning;
  ladder::Logits logits{};
  engine.forward({&beginning, 1}, logits);
  const double error =
      ladder::largest_golden_error(ladder::logits_of(engine), data + "microgpt_golden.json");
  fmt::print("the logit of a: {:.4f}; largest error of all: {:.0e}\n", logits[0], error);
  return error < 1e-4 ? 0 : 1;
}
