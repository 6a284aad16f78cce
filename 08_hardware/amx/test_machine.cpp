// Whether tiles may be used.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "08_hardware/amx/machine.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("amx: one thing that is missing is enough, and it is named") {
  const TileFeatures all = {.is_x86_64 = true,
                            .tiles = true,
                            .int8 = true,
                            .bf16 = true,
                            .vectors = true,
                            .saved = true,
                            .permitted = true};
  CHECK(no_tiles_because(all) == "");
  const auto without = [&](bool TileFeatures::*one) {
    TileFeatures features = all;
    features.*one = false;
    return no_tiles_because(features);
  };
  CHECK_THAT(without(&TileFeatures::is_x86_64), ContainsSubstring("x86-64"));
  CHECK_THAT(without(&TileFeatures::tiles), ContainsSubstring("no tiles (AMX)"));
  CHECK_THAT(without(&TileFeatures::int8), ContainsSubstring("lack"));
  CHECK_THAT(without(&TileFeatures::bf16), ContainsSubstring("lack"));
  CHECK_THAT(without(&TileFeatures::vectors), ContainsSubstring("AVX-512"));
  CHECK_THAT(without(&TileFeatures::saved), ContainsSubstring("Linux 5.16"));
  CHECK_THAT(without(&TileFeatures::permitted), ContainsSubstring("did not grant"));
}

TEST_CASE("amx: this machine is asked, and answers the same each time") {
  const TileFeatures found = find_tile_features();
  CHECK(no_tiles_because() == no_tiles_because(found));
  // Nothing is permitted that is not there.
  if (found.permitted) CHECK((found.tiles && found.saved));
}
