// From sums to narrow numbers: what each means, and that vectors give the plain version's bits.
#include <bit>
#include <cmath>
#include <cstring>

#include <catch2/catch_test_macros.hpp>

#include "08_hardware/amx/narrowing.hpp"
#include "common/random.hpp"

using namespace ladder;

TEST_CASE("amx: a number split in two bfloat16 has sixteen bits or more") {
  Random random(1);
  float x[n_embd];
  for (int round = 0; round < 200; ++round) {
    for (float& each : x) each = static_cast<float>(random.normal() * std::exp2(round % 40 - 20));
    unsigned char row[64], plain_row[64];
    split(x, row);
    plain::split(x, plain_row);
    REQUIRE(std::memcmp(row, plain_row, 64) == 0);
    for (int i = 0; i < n_embd; ++i) {
      Bfloat parts[2];
      std::memcpy(&parts[0], row + 2 * i, 2);
      std::memcpy(&parts[1], row + 2 * (n_embd + i), 2);
      const double both = double{from_bfloat(parts[0])} + double{from_bfloat(parts[1])};
      REQUIRE(std::abs(both - double{x[i]}) <= 0x1p-17 * std::abs(double{x[i]}));
    }
  }
}

TEST_CASE("amx: bytes are the nearest integers, halves the even ones, up to 127 either way") {
  const float x[n_embd] = {0, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 63.5f, -63.5f, 0.25f, 0.26f, 1, -1};
  unsigned char row[n_embd], plain_row[n_embd];
  signed_bytes(x, 2, row);
  plain::signed_bytes(x, 2, plain_row);
  CHECK(std::memcmp(row, plain_row, sizeof row) == 0);
  const int expected[] = {0, 1, 3, 5, -1, -3, 127, -127, 0, 1, 2, -2};
  for (int i = 0; i < 12; ++i) CHECK(static_cast<std::int8_t>(row[i]) == expected[i]);
}

TEST_CASE("amx: hidden bytes are ReLU, scaled and rounded, in the order of the sums") {
  Random random(2);
  alignas(64) std::int32_t sum[n_hidden];
  alignas(64) std::int16_t factor[n_hidden];
  for (int round = 0; round < 200; ++round) {
    for (int k = 0; k < n_hidden; ++k) {
      sum[k] = static_cast<std::int32_t>(random.normal() * (round < 100 ? 9'000 : 90'000));
      factor[k] = static_cast<std::int16_t>(1 + random.uniform() * (round % 2 == 0 ? 500 : 32'766));
    }
    unsigned char row[n_hidden], plain_row[n_hidden];
    const auto* bytes = reinterpret_cast<const unsigned char*>(sum);
    hidden_bytes({bytes, bytes + 64, bytes + 128, bytes + 192}, factor, row);
    plain::hidden_bytes(sum, factor, plain_row);
    REQUIRE(std::memcmp(row, plain_row, sizeof row) == 0);
    for (int k = 0; k < n_hidden; ++k) {
      const double exact = std::min(std::max(sum[k], 0), 32767) * factor[k] / 32768.0;
      REQUIRE(std::abs(row[k] - std::min(exact, 255.0)) <= 0.5);
    }
  }
}

TEST_CASE("amx: hidden bfloat16 are ReLU, rounded, in the order of the sums") {
  Random random(3);
  alignas(64) float sum[32];
  for (float& each : sum) each = static_cast<float>(random.normal());
  Bfloat row[32], plain_row[32];
  const auto* bytes = reinterpret_cast<const unsigned char*>(sum);
  hidden_bfloats(bytes, bytes + 64, reinterpret_cast<unsigned char*>(row));
  plain::hidden_bfloats(sum, reinterpret_cast<unsigned char*>(plain_row));
  for (int k = 0; k < 32; ++k) {
    CHECK(row[k] == plain_row[k]);
    CHECK(from_bfloat(row[k]) == (sum[k] > 0 ? from_bfloat(to_bfloat(sum[k])) : 0));
  }
}
