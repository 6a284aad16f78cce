// The integer engines: their stated bounds, every kernel against the one that runs everywhere, and
// sums that must not overflow.
#include <cmath>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "07_fast_inference/engines.hpp"
#include "07_fast_inference/integer_model.hpp"
#include "07_fast_inference/reference.hpp"
#include "07_fast_inference/test_golden.hpp"

using namespace ladder;
using Catch::Matchers::WithinAbs;

namespace {

double bound(int bits) {
  return bits == 16 ? IntegerEngine::int16_bound : IntegerEngine::int8_bound;
}

std::vector<IntegerKernel> kernels(int bits) {
  std::vector<IntegerKernel> all = {portable_kernel(bits)};
#if defined(__x86_64__)
  if (has_avx2()) all.push_back(avx2_kernel(bits));
#endif
  return all;
}

}  // namespace

TEST_CASE("integers stay within their stated bounds of the golden logits, on every kernel") {
  const int bits = GENERATE(16, 8);
  const MicroGpt model = shipped_model();
  for (const IntegerKernel& kernel : kernels(bits)) {
    IntegerEngine engine(model, bits, kernel);
    CAPTURE(bits, kernel.instructions);
    CHECK(largest_golden_error(engine) < bound(bits));
    CHECK(largest_golden_error(engine) > 1e-4);  // it is no floating point in disguise
  }
}

TEST_CASE("integers cost no more than 0.002 nats", "[nll]") {
  const int bits = GENERATE(16, 8);
  const MicroGpt model = shipped_model();
  const auto names = corpus_names(500);
  Reference reference(model);
  for (const IntegerKernel& kernel : kernels(bits)) {
    IntegerEngine engine(model, bits, kernel);
    CAPTURE(bits, kernel.instructions);
    CHECK_THAT(mean_nll(engine, names), WithinAbs(mean_nll(reference, names), 0.002));
  }
}
