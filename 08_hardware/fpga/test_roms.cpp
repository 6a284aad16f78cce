// What the chip's memories hold, and the constants of its package.
#include <catch2/catch_test_macros.hpp>

#include "08_hardware/fpga/model/roms.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/run_program.hpp"
#include "common/shipped.hpp"

using namespace ladder;

namespace {

FixedModel shipped_in_fixed_point() {
  return to_fixed_model(fit_to_fixed_point(read_model(load_weights(shipped_weights_path()))));
}

std::uint16_t bits(std::int16_t n) { return static_cast<std::uint16_t>(n); }

}  // namespace

TEST_CASE("each weight stands in the row and lane where the engine looks for it") {
  const FixedModel m = shipped_in_fixed_point();
  const auto roms = roms_of(m);
  REQUIRE(roms.size() == 6);
  const auto& weights = roms[0].words;
  REQUIRE(weights.size() == weight_rows);
  CHECK(weights[1][16 * 3 + 5] == bits(m.wk.weight[11][5]));
  CHECK(weights[2][16 * 7 + 15] == bits(m.wq.weight[7][15]));
  CHECK(weights[5][0] == bits(m.wv.weight[8][0]));
  CHECK(weights[6][16 * 2 + 9] == bits(m.wo.weight[2][9]));
  CHECK(weights[15][16 * 7 + 1] == bits(m.fc1.weight[63][1]));
  CHECK(weights[16 + 2 * 3 + 1][16 * 4 + 2] == bits(m.fc2.weight[12][50]));
  CHECK(weights[27][16 * 2 + 3] == bits(m.lm_head.weight[26][3]));
  CHECK(weights[27][16 * 3 + 3] == 0);
  CHECK(roms[1].words[26][15] == bits(m.wte.weight[26][15]));
  CHECK(roms[2].words[15][0] == bits(m.wpe.weight[15][0]));
}

TEST_CASE("a memory is written a word a line, its highest bits first") {
  const Rom rom{"small", 32, {{0x1234, 0xABCD}, {1, 0}}};
  CHECK(to_hex(rom) == "abcd1234\n00000001\n");
}

TEST_CASE("the circuit's constants are those of the shipped weights") {
  const std::string file = std::string(LADDER_ROOT) + "/08_hardware/fpga/rtl/model.sv";
  CHECK(package_of(shipped_in_fixed_point()) == read_file(file));
}

TEST_CASE("weights that the chip cannot compute are refused") {
  MicroGpt model = read_model(load_weights(shipped_weights_path()));
  model.final_norm = true;
  CHECK_THROWS_AS(roms_of(to_fixed_model(model)), Error);
  model.final_norm = false;
  for (auto& row : model.wte) row[0] *= 100;  // not fitted: needs an exponent
  CHECK_THROWS_AS(roms_of(to_fixed_model(model)), Error);
}
