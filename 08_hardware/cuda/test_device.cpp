// On a device what holds on the emulated warp; where there is none, skipped with the reason.
#include <cstdlib>
#include <string>

#include "08_hardware/cuda/device.hpp"
#include "08_hardware/cuda/test_kinds.hpp"
#include "common/run_program.hpp"

using namespace ladder;
using namespace ladder::gpu;

namespace {

std::span<const EngineKind> kinds() {
  if (const std::string why_not = no_device_because(); !why_not.empty()) SKIP(why_not);
  return device_engines();
}

}  // namespace

TEST_CASE("cuda: every version has the golden logits on the GPU", "[hardware]") {
  const auto all = kinds();
  CHECK(all.size() == 7);
  for (const EngineKind& kind : all) check_golden(kind);
}

TEST_CASE("cuda: every version runs any weights on the GPU", "[hardware]") {
  for (const EngineKind& kind : kinds()) check_random_models(kind);
}

TEST_CASE("cuda: no softmax overflows on the GPU", "[hardware]") {
  for (const EngineKind& kind : kinds()) check_wild_scores(kind);
}

TEST_CASE("cuda: the GPU's names are those of the CPU's loops", "[hardware]") {
  for (const EngineKind& kind : kinds()) check_names(kind, 600);
}

TEST_CASE("cuda: the GPU draws as the contract says at every temperature", "[hardware]") {
  for (const EngineKind& kind : kinds()) check_temperatures(kind);
}

TEST_CASE("cuda: the GPU goes on where its last launch ended", "[hardware]") {
  for (const EngineKind& kind : kinds()) check_pieces(kind);
}

TEST_CASE("cuda: the NLL of names is the reference's on the GPU", "[hardware]") {
  for (const EngineKind& kind : kinds()) check_nll(kind, 150);
}

TEST_CASE("cuda: compute-sanitizer finds no race and no stray access", "[hardware]") {
  const auto all = kinds();
  if (std::system("compute-sanitizer --version > /dev/null 2>&1") != 0) {
    SKIP("there is no compute-sanitizer; CUDA's toolkit has it");
  }
  for (const std::string tool : {"memcheck", "racecheck"}) {
    for (const EngineKind& kind : all) {
      CAPTURE(tool, kind.name);
      const std::string command = "compute-sanitizer --tool " + tool + " --error-exitcode 9 '" +
                                  path_of_built("08_cuda") + "' --quiet --samples 1 --engine " +
                                  std::string(kind.name) + " > /dev/null 2>&1";
      CHECK(std::system(command.c_str()) == 0);
    }
  }
}
