// The model of the tiles against plain products, and the instructions against the model.
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "08_hardware/amx/bfloat.hpp"
#include "08_hardware/amx/machine.hpp"
#include "08_hardware/amx/tile_product.hpp"
#include "08_hardware/amx/tiles_model.hpp"
#include "common/largest.hpp"
#include "common/random.hpp"

using namespace ladder;

namespace {

// Tiles in memory, multiplied by one function or the other.
struct TilesBy {
  MultiplyOnce multiply;
  TileMemory tile[tile_count] = {};

  template <int t>
  void load(const TileMemory& from) {
    tile[t] = from;
  }
  template <int t>
  void store(TileMemory& to) const {
    to = tile[t];
  }
  template <int t>
  void zero() {
    tile[t] = {};
  }
  template <int t, int a, int b>
  void multiply_signed() {
    multiply(TileNumbers::signed_bytes, tile[a], tile[b], tile[t]);
  }
  template <int t, int a, int b>
  void multiply_unsigned() {
    multiply(TileNumbers::unsigned_bytes, tile[a], tile[b], tile[t]);
  }
  template <int t, int a, int b>
  void multiply_bfloats() {
    multiply(TileNumbers::bfloats, tile[a], tile[b], tile[t]);
  }
};

// The model, and the instructions where there are any.
std::vector<TilesBy> all_tiles() {
  std::vector<TilesBy> all = {{model_multiply_once}};
#if defined(__x86_64__)
  if (no_tiles_because().empty()) all.push_back({amx_multiply_once});
#endif
  return all;
}

std::uint32_t random_bits(Random& random) {
  return static_cast<std::uint32_t>(random.uniform() * 0x1p32);
}

template <class Number>
std::vector<Number> random_bytes(std::size_t n, unsigned seed) {
  Random random(seed);
  std::vector<Number> result(n);
  for (Number& each : result) each = static_cast<Number>(random_bits(random) >> 24);
  return result;
}

// a · bᵀ in wide integers.
template <class A>
void check_bytes(TilesBy& tiles, std::size_t rows, std::size_t outs, std::size_t ins,
                 const std::vector<A>& a, const std::vector<std::int8_t>& b) {
  CAPTURE(rows, outs, ins, std::is_signed_v<A>);
  constexpr auto numbers =
      std::is_signed_v<A> ? TileNumbers::signed_bytes : TileNumbers::unsigned_bytes;
  const auto c = tile_product<numbers, std::int32_t, A, std::int8_t>(tiles, a, b, rows, outs, ins);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < outs; ++j) {
      std::int64_t sum = 0;
      for (std::size_t k = 0; k < ins; ++k) {
        sum += std::int64_t{a[i * ins + k]} * std::int64_t{b[j * ins + k]};
      }
      REQUIRE(c[i * outs + j] == sum);
    }
  }
}

struct Shape {
  std::size_t rows, outs, ins;
};
constexpr Shape shapes[] = {{16, 16, 64}, {1, 1, 1},    {27, 65, 65}, {65, 27, 16},
                            {16, 64, 16}, {3, 27, 130}, {17, 16, 63}};

template <class A>
void check_all_bytes() {
  for (TilesBy& tiles : all_tiles()) {
    for (const auto [rows, outs, ins] : shapes) {
      check_bytes<A>(tiles, rows, outs, ins, random_bytes<A>(rows * ins, 1),
                     random_bytes<std::int8_t>(outs * ins, 2));
      // As large as they can be, of either sign: nothing saturates.
      for (const A left : {std::numeric_limits<A>::min(), std::numeric_limits<A>::max()}) {
        for (const int right : {-128, 127}) {
          check_bytes<A>(tiles, rows, outs, ins, std::vector<A>(rows * ins, left),
                         std::vector(outs * ins, static_cast<std::int8_t>(right)));
        }
      }
    }
  }
}

}  // namespace

TEST_CASE(
    "amx: a product of tiles of bytes is the product of the matrices, whatever their shapes") {
  check_all_bytes<std::uint8_t>();
  check_all_bytes<std::int8_t>();
}

TEST_CASE("amx: sums of bytes go on from what the tile holds, and wrap round") {
  for (TilesBy& tiles : all_tiles()) {
    TileMemory a = {}, b = {}, sum = {};
    a.row[2][5] = 200;
    b.row[1][4 * 3 + 1] = 100;
    const std::int32_t most = std::numeric_limits<std::int32_t>::max();
    std::memcpy(sum.row[2] + 4 * 3, &most, 4);
    std::memcpy(sum.row[2] + 4 * 4, &most, 4);
    tiles.multiply(TileNumbers::unsigned_bytes, a, b, sum);
    std::int32_t found[2];
    std::memcpy(found, sum.row[2] + 4 * 3, 8);
    CHECK(found[0] == std::numeric_limits<std::int32_t>::min() + 20'000 - 1);
    CHECK(found[1] == most);
  }
}

namespace {

// Row 0 of the left tile times column 0 of the right one, added to `start`.
float dot(TilesBy& tiles, std::vector<float> x, std::vector<float> y, float start = 0) {
  TileMemory a = {}, b = {}, sum = {};
  for (std::size_t i = 0; i < x.size(); ++i) {
    const Bfloat left = to_bfloat(x[i]), right = to_bfloat(y[i]);
    REQUIRE(from_bfloat(left) == x[i]);
    REQUIRE(from_bfloat(right) == y[i]);
    std::memcpy(a.row[0] + 2 * i, &left, 2);
    std::memcpy(&b.row[0][0] + packed_place<Bfloat>(0, i), &right, 2);
  }
  std::memcpy(sum.row[0], &start, 4);
  tiles.multiply(TileNumbers::bfloats, a, b, sum);
  float result;
  std::memcpy(&result, sum.row[0], 4);
  return result;
}

}  // namespace

TEST_CASE(
    "amx: bfloat16 is rounded to the nearest, to the even of two, and a float again exactly") {
  CHECK(to_bfloat(1) == 0x3F80);
  CHECK(to_bfloat(1 + 0x1p-8f) == 0x3F80);
  CHECK(to_bfloat(1 + 0x1p-8f + 0x1p-20f) == 0x3F81);
  CHECK(to_bfloat(1 + 3 * 0x1p-8f) == 0x3F82);
  CHECK(to_bfloat(-0x1.FFp0f) == 0xC000);  // up into the next power of 2
  CHECK(from_bfloat(0xC040) == -3);
}

TEST_CASE("amx: bfloat16 products follow the manual, rule by rule") {
  for (TilesBy& tiles : all_tiles()) {
    // Even and odd inputs are summed apart: in one chain these would make 1.
    CHECK(dot(tiles, {0x1p30f, -0x1p30f, 1}, {1, 1, 1}) == 0);
    CHECK(dot(tiles, {0x1p30f, 1, -0x1p30f, 0}, {1, 1, 1, 1}) == 1);
    // What the tile held comes last, not first.
    CHECK(dot(tiles, {1, 0, 1}, {1, 1, 1}, 0x1p24f) == 0x1p24f + 2);
    CHECK(dot(tiles, {1, 1}, {1, 1}, 0x1p24f) == 0x1p24f + 2);
    // Half a unit goes to the even number, at every step.
    CHECK(dot(tiles, {0x1p24f, 0, 1}, {1, 1, 1}) == 0x1p24f);
    CHECK(dot(tiles, {0x1p24f, 0, 3}, {1, 1, 1}) == 0x1p24f + 4);
    // A product too small for a float counts if its sum is not: the multiply-add is fused.
    CHECK(dot(tiles, {0x1p-126f, 0, 0x1p-70f}, {1, 0, 0x1p-60f}) == 0x1p-126f + 0x1p-130f);
    // Inputs and results too small to be normal are 0.
    CHECK(dot(tiles, {0x1p-127f}, {0x1p100f}) == 0);
    CHECK(dot(tiles, {0x1p-70f}, {0x1p-57f}) == 0);
    CHECK(dot(tiles, {0x1p-70f}, {0x1p-56f}) == 0x1p-126f);
    CHECK(dot(tiles, {1}, {0x1p-120f}, 0x1p-127f) == 0x1p-120f);
    CHECK(dot(tiles, {0}, {0}, 0x1p-127f) == 0);
    // 2^-126 (1 - 2^-25) rounds up before it is found too small; twice as far below, it is 0.
    CHECK(dot(tiles, {0x1p-126f, 0, -0x1p-76f}, {1, 0, 0x1p-75f}) == 0x1p-126f);
    CHECK(dot(tiles, {0x1p-126f, 0, -0x1p-75f}, {1, 0, 0x1p-75f}) == 0);
    // Infinity as elsewhere.
    CHECK(dot(tiles, {0x1p127f}, {2}) == std::numeric_limits<float>::infinity());
  }
}

TEST_CASE("amx: bfloat16 products are those in double, within the rounding of their sums") {
  Random random(3);
  for (TilesBy& tiles : all_tiles()) {
    for (const auto [rows, outs, ins] : shapes) {
      std::vector<Bfloat> a(rows * ins), b(outs * ins);
      for (Bfloat& each : a) each = to_bfloat(static_cast<float>(random.normal()));
      for (Bfloat& each : b) each = to_bfloat(static_cast<float>(random.normal()));
      const auto c =
          tile_product<TileNumbers::bfloats, float, Bfloat, Bfloat>(tiles, a, b, rows, outs, ins);
      double largest = 0;
      for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < outs; ++j) {
          double sum = 0, absolute = 0;
          for (std::size_t k = 0; k < ins; ++k) {
            const double product =
                double{from_bfloat(a[i * ins + k])} * double{from_bfloat(b[j * ins + k])};
            sum += product;
            absolute += std::abs(product);
          }
          // A number goes through 16 additions in a tile at most, one more for the two chains, and
          // one for each tile: each is off by 2^-24 of a sum that is no larger than `absolute`.
          const double tiles_deep = std::ceil(static_cast<double>(ins) / 32);
          const double bound = (17 + tiles_deep) * 0x1p-24 * absolute + 1e-30;
          largest = larger_or_nan(largest, std::abs(double{c[i * outs + j]} - sum) / bound);
        }
      }
      CAPTURE(rows, outs, ins);
      CHECK(largest < 1);
    }
  }
}

TEST_CASE("amx: the instructions give the model's bits", "[hardware]") {
  const std::string why_not = no_tiles_because();
  if (!why_not.empty()) SKIP(why_not << "; scripts/emulate_amx.sh runs this test on Bochs");
#if defined(__x86_64__)
  Random random(4);
  for (int round = 0; round < 60; ++round) {
    for (const auto numbers :
         {TileNumbers::signed_bytes, TileNumbers::unsigned_bytes, TileNumbers::bfloats}) {
      TileMemory in[3];
      for (TileMemory& tile : in) {
        for (auto& row : tile.row) {
          for (int i = 0; i < tile_bytes; i += 2) {
            auto bits = static_cast<Bfloat>(random_bits(random) >> 16);
            if (numbers == TileNumbers::bfloats) {
              // Every third round all exponents but infinity's, else some around 1 that add up.
              if (round % 3 > 0) bits = static_cast<Bfloat>((bits & 0x83FF) | 0x3C00);
              if ((bits & 0x7F80) == 0x7F80) bits &= 0xBFFF;
            }
            std::memcpy(row + i, &bits, 2);
          }
        }
      }
      TileMemory model = in[2], amx = in[2];
      model_multiply_once(numbers, in[0], in[1], model);
      amx_multiply_once(numbers, in[0], in[1], amx);
      CAPTURE(round, static_cast<int>(numbers));
      REQUIRE(std::memcmp(&model, &amx, sizeof model) == 0);
    }
  }
#endif
}

TEST_CASE("amx: a packed weight lies where the instructions look for it, and comes back") {
  const auto weight = [](auto out, auto in) { return static_cast<std::int8_t>(out * 8 - in); };
  const TileMemory bytes = pack_tile<std::int8_t>(11, 50, weight);
  // A row has four inputs of every output.
  CHECK(static_cast<std::int8_t>(bytes.row[2][4 * 7 + 1]) == weight(7, 9));
  const auto pair = [](auto out, auto in) { return static_cast<Bfloat>(out * 100 + in); };
  const TileMemory pairs = pack_tile<Bfloat>(16, 32, pair);
  CHECK(pairs.row[3][4 * 5 + 2] + 256 * pairs.row[3][4 * 5 + 3] == pair(5, 7));
  for (int out = 0; out < 16; ++out) {
    for (int in = 0; in < 64; ++in) {
      const int expected = out < 11 && in < 50 ? weight(out, in) : 0;
      REQUIRE(unpack<std::int8_t>(bytes, out, in) == expected);
      if (in < 32) REQUIRE(unpack<Bfloat>(pairs, out, in) == pair(out, in));
    }
  }
}

TEST_CASE("amx: the model refuses what the instructions refuse") {
  ModelTiles tiles;
  CHECK_THROWS_AS(tiles.zero(0), std::logic_error);  // not configured
  TileConfig config = full_tiles();
  config.rows[1] = 3;
  config.row_bytes[2] = 12;
  tiles.configure(config);
  CHECK_NOTHROW(tiles.multiply_signed(0, 3, 4));
  CHECK_THROWS_AS(tiles.multiply_signed(0, 0, 4), std::logic_error);
  CHECK_THROWS_AS(tiles.multiply_signed(0, 4, 4), std::logic_error);
  CHECK_THROWS_AS(tiles.multiply_signed(0, 1, 4), std::logic_error);    // rows
  CHECK_THROWS_AS(tiles.multiply_signed(0, 3, 1), std::logic_error);    // depth
  CHECK_THROWS_AS(tiles.multiply_unsigned(0, 3, 2), std::logic_error);  // columns
  CHECK_THROWS_AS(tiles.multiply_bfloats(0, 2, 4), std::logic_error);
  CHECK_THROWS_AS(tiles.zero(8), std::logic_error);
  tiles.release();
  CHECK_THROWS_AS(tiles.zero(0), std::logic_error);
  for (const auto break_it :
       {+[](TileConfig& c) { c.palette = 2; }, +[](TileConfig& c) { c.reserved[3] = 1; },
        +[](TileConfig& c) { c.rows[0] = 17; }, +[](TileConfig& c) { c.row_bytes[0] = 68; },
        +[](TileConfig& c) { c.rows[8] = 1; }, +[](TileConfig& c) { c.rows[5] = 0; }}) {
    TileConfig broken = full_tiles();
    break_it(broken);
    CHECK_THROWS_AS(tiles.configure(broken), std::logic_error);
  }
}

TEST_CASE("amx: smaller tiles multiply what they have, and the rest is 0") {
  TileConfig config = full_tiles();
  config.rows[0] = config.rows[1] = 3;  // 3 by 2 sums of 5 · 4 bytes
  config.row_bytes[0] = config.row_bytes[2] = 8;
  config.row_bytes[1] = 20;
  config.rows[2] = 5;
  ModelTiles tiles;
  tiles.configure(config);
  const std::vector<unsigned char> ones(16 * 64, 1);
  tiles.load(1, ones.data(), 64);
  tiles.load(2, ones.data(), 64);
  tiles.multiply_signed(0, 1, 2);
  std::int32_t sums[3][2];
  tiles.store(0, sums, sizeof sums[0]);
  for (const auto& row : sums) {
    for (const auto sum : row) CHECK(sum == 20);
  }
}
