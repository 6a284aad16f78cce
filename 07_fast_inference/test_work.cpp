// What a token costs at least, against counts by hand from the model's shape.
#include <limits>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "07_fast_inference/engines.hpp"
#include "07_fast_inference/work.hpp"

using namespace ladder;

namespace {

// A core on which one kind of step takes a cycle, and all else no time.
CoreSpeed only(double Latencies::*step) {
  constexpr double none = std::numeric_limits<double>::infinity();
  CoreSpeed core{.peak = {none, none, none, none}, .latency = {}};
  core.latency.*step = 1;
  return core;
}

// One where all that takes time are the multiply-adds of single precision, one a cycle, or those of
// 16 bits.
CoreSpeed only_matrices(double fp32, double int16) {
  CoreSpeed core = only(&Latencies::add);
  core.latency = {};
  core.peak.fp32 = fp32;
  core.peak.int16 = int16;
  return core;
}

constexpr double never = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("multiply-adds are those of the model's shape") {
  // q, k, v, wo 4 · 16 · 16, fc1 and fc2 64 · 16 each, lm_head 27 · 16: 3,504. Attention: 16 for
  // the scores and 16 for the values, of each position up to the own one.
  CHECK(multiply_adds_of_model(0).fp32 == 3504 + 32);
  CHECK(multiply_adds_of_model(15).fp32 == 3504 + 16 * 32);
  CHECK(multiply_adds_of_model(3).total() == multiply_adds_of_model(3).fp32);
  CHECK(multiply_adds_of_tape(0).fp64 == 3504 + 32);
  CHECK(multiply_adds_of_tape(2).fp64 == 3 * 3504 + (1 + 2 + 3) * 32);
  CHECK(multiply_adds_of_q4_12_plain(7).int16 == 3504 + 8 * 32);
}

TEST_CASE("what is looked up is not multiplied") {
  // wo or what stands for it, fc1, fc2, lm_head: 2,736. The scores with itself and with the first
  // BOS are in the row.
  CHECK(multiply_adds_of_tables(0).fp32 == 2736);
  CHECK(multiply_adds_of_tables(1).fp32 == 2736);
  CHECK(multiply_adds_of_tables(2).fp32 == 2736 + 32);
  CHECK(multiply_adds_of_tables(15).fp32 == 2736 + 14 * 32);
  CHECK(multiply_adds_of_q4_12(0).int16 == 2736 + 32);
  CHECK(multiply_adds_of_int16(5).int16 == 2048);
  CHECK(multiply_adds_of_int16(5).fp32 == 256 + 432 + 4 * 32);
  CHECK(multiply_adds_of_streams_int16(5).int16 == 2736);
  CHECK(multiply_adds_of_streams_int16(5).fp32 == 4 * 32);
  CHECK(multiply_adds_of_streams_int8(5).int8 == 2048);
  CHECK(multiply_adds_of_streams_int8(5).int16 == 256 + 432);
  CHECK(multiply_adds_of_streams_int8(5).fp32 == 4 * 32);
}

TEST_CASE("multiply-adds take the cycles of each kind's peak") {
  const MultiplyAdds needed{.fp64 = 10, .fp32 = 20, .int16 = 30, .int8 = 40};
  CHECK(needed.total() == 100);
  CHECK(needed.cycles_at({.fp64 = 5, .fp32 = 5, .int16 = 10, .int8 = 20}) == 2 + 4 + 3 + 2);
  CHECK(MultiplyAdds{.fp32 = 20}.cycles_at({.fp32 = 10}) == 2);  // what is not needed costs nothing
}

TEST_CASE("chains have as many steps of each kind as counted by hand") {
  // Three norms and the softmax; with a norm beside the products, that of x1 is one with the first.
  CHECK(chain_of_loops(4, only(&Latencies::divide)) == 4);
  CHECK(chain_of_loops(4, only(&Latencies::square_root)) == 3);
  CHECK(chain_of_columns(4, only(&Latencies::divide)) == 3);
  CHECK(chain_of_columns(4, only(&Latencies::square_root)) == 2);
  CHECK(chain_of_tables(4, only(&Latencies::divide)) == 2);
  CHECK(chain_of_tables(4, only(&Latencies::square_root)) == 1);
  CHECK(chain_of_int16(4, only(&Latencies::divide)) == 2);
  CHECK(chain_of_int16(4, only(&Latencies::convert)) == 1);
  CHECK(chain_of_int16(4, only(&Latencies::pair_product)) == 2);
  // exp of attention and of the draw; 1 / total and the norm.
  CHECK(chain_of_q4_12(4, only(&Latencies::look_up)) == 2);
  CHECK(chain_of_q4_12(4, only(&Latencies::load)) == 2);
  CHECK(chain_of_q4_12_plain(4, only(&Latencies::load)) == 4);
  for (const EngineKind& kind : all_engines()) {
    if (kind.chain != nullptr) CHECK(kind.chain(4, only(&Latencies::pick)) == 1);
  }
}

TEST_CASE("sums are trees, as deep as they are long") {
  const CoreSpeed add = only(&Latencies::add), maximum = only(&Latencies::maximum);
  // tables at position 0: wo 4 levels, four heads and x1 3, the norm's sum 4; lm_head 4, exp2 3,
  // 32 running sums 5.
  CHECK(chain_of_tables(0, add) == 4 + 3 + 4 + 4 + 3 + 5);
  CHECK(chain_of_tables(1, add) == chain_of_tables(0, add));
  // The first position that is not looked up: a score of 4, exp2, one addition to the sums.
  CHECK(chain_of_tables(2, add) == chain_of_tables(0, add) + 2 + 3 + 1);
  CHECK(chain_of_tables(15, add) == chain_of_tables(2, add) + 3);
  CHECK(chain_of_columns(15, add) == chain_of_columns(0, add) + 4);
  CHECK(chain_of_loops(15, add) == chain_of_loops(0, add) + 4);
  CHECK(chain_of_loops(8, maximum) == 4 + 1 + 5);  // of 9 scores, ReLU, of 27 logits
  const CoreSpeed integer = only(&Latencies::integer);
  // The largest of 16 scores and their sum, and the values in pairs.
  CHECK(chain_of_q4_12(15, integer) == chain_of_q4_12(0, integer) + 4 + 4 + 3);
}

TEST_CASE("a matrix takes no less than its multiply-adds at the peak") {
  CHECK(chain_of_loops(0, only_matrices(1, never)) == 3504);
  CHECK(chain_of_columns(0, only_matrices(1, never)) == 3504);
  CHECK(chain_of_tables(0, only_matrices(1, never)) == 1024 + 1024 + 432);  // wo runs beside these
  CHECK(chain_of_tables(0, only_matrices(16, never)) == 2480.0 / 16);
  CHECK(chain_of_int16(0, only_matrices(never, 1)) == 2048);
  CHECK(chain_of_int16(0, only_matrices(1, never)) == 256 + 432);
  CHECK(chain_of_q4_12(0, only_matrices(never, 1)) == 2736);
  CHECK(chain_of_q4_12_plain(0, only_matrices(never, 1)) == 3504);
}

TEST_CASE("every engine that computes says what a token costs, those of one stream their chain") {
  for (const EngineKind& kind : all_engines()) {
    CAPTURE(kind.name);
    CHECK((kind.multiply_adds != nullptr) == !kind.caches);
    CHECK((kind.chain != nullptr) == (!kind.many_streams && kind.precision != "fp64"));
    for (int p = 1; kind.multiply_adds != nullptr && p < block_size; ++p) {
      CHECK(kind.multiply_adds(p).total() >= kind.multiply_adds(p - 1).total());
    }
  }
}
