// The matrix unit of the emulated warp, against products in double precision.
#include <cmath>

#include <catch2/catch_test_macros.hpp>

#include "08_hardware/cuda/test_lanes.hpp"
#include "08_hardware/cuda/warp/tf32.hpp"

using namespace ladder;
using namespace ladder::gpu;

TEST_CASE("cuda: a tf32 is the nearest number of 11 bits") {
  Random random(4);
  for (int round = 0; round < 10'000; ++round) {
    const int scale = static_cast<int>(random.below(60)) - 30;
    const auto x = static_cast<float>(std::ldexp(random.normal(), scale));
    // The plain way: 11 bits before the point, then round.
    int exponent = 0;
    const double fraction = std::frexp(double{x}, &exponent);
    const double nearest = std::ldexp(std::round(std::ldexp(fraction, 11)), exponent - 11);
    REQUIRE(double{to_tf32(x)} == nearest);
    REQUIRE(std::abs(double{to_tf32(x)} - double{x}) <= tf32_unit * std::abs(double{x}));
  }
  CHECK(to_tf32(1.0f + 0x1p-11f) == 1.0f + 0x1p-10f);  // a tie goes away from zero
  CHECK(to_tf32(-1.0f - 0x1p-11f) == -1.0f - 0x1p-10f);
}

TEST_CASE("cuda: the matrix unit multiplies what PTX says lies in which lane") {
  Random random(5);
  EmulatedWarp warp;
  for (int round = 0; round < 20; ++round) {
    double left[16][8], right[8][8], sums[16][8];
    for (auto& row : left) {
      for (double& x : row) x = double{to_tf32(static_cast<float>(random.normal()))};
    }
    for (auto& row : right) {
      for (double& x : row) x = double{to_tf32(static_cast<float>(random.normal()))};
    }
    for (auto& row : sums) {
      for (double& x : row) x = static_cast<float>(random.normal());
    }
    Lanes<float> a[4], b[2], c[4];
    for (std::size_t lane = 0; lane < warp_lanes; ++lane) {  // PTX ISA, mma.m16n8k8, .tf32
      const std::size_t group = lane >> 2, in_group = lane % 4;
      for (std::size_t i = 0; i < 4; ++i) {
        const std::size_t row = i == 0 || i == 2 ? group : group + 8;
        a[i].lane[lane] = static_cast<float>(left[row][i < 2 ? in_group : in_group + 4]);
      }
      for (std::size_t i = 0; i < 2; ++i) {
        b[i].lane[lane] = static_cast<float>(right[i == 0 ? in_group : in_group + 4][group]);
      }
      for (std::size_t i = 0; i < 4; ++i) {
        c[i].lane[lane] =
            static_cast<float>(sums[i < 2 ? group : group + 8][in_group * 2 + (i & 1)]);
      }
    }
    warp.multiply_tf32(c, a, b);
    for (std::size_t lane = 0; lane < warp_lanes; ++lane) {
      for (std::size_t i = 0; i < 4; ++i) {
        const std::size_t row = i < 2 ? lane >> 2 : (lane >> 2) + 8;
        const std::size_t column = lane % 4 * 2 + (i & 1);
        double expected = sums[row][column];
        for (std::size_t k = 0; k < 8; ++k) expected += left[row][k] * right[k][column];
        REQUIRE(std::abs(double{c[i].lane[lane]} - expected) < 1e-5);
      }
    }
  }
}

TEST_CASE("cuda: the matrix unit drops the bits that a tf32 has not") {
  EmulatedWarp warp;
  const Lanes<float> x = 1.0f + 0x1p-12f, one = 1.0f;
  const Lanes<float> a[4] = {x, x, x, x}, b[2] = {one, one};
  Lanes<float> c[4] = {0.0f, 0.0f, 0.0f, 0.0f};
  warp.multiply_tf32(c, a, b);
  for (const float sum : c[0].lane) CHECK(sum == 8.0f);
}
