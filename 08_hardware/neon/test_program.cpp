#include "common/cross_program.hpp"
using namespace ladder;
TEST_CASE("toy", "[hardware]") {
  Run r = run_cross("08_neon", {"--samples", "2"});
  CHECK(r.status == 0);
  WARN(r.out << r.err);
}
