#include "08_hardware/amx/tiles_model.hpp"

#include <cmath>
#include <stdexcept>

#include "08_hardware/amx/bfloat.hpp"

namespace ladder {
namespace {

void refuse_unless(bool holds, const char* what) {
  if (!holds) throw std::logic_error(what);
}

constexpr float smallest_normal = 0x1p-126f;

float without_denormals(float x) {
  return std::abs(x) < smallest_normal ? std::copysign(0.0f, x) : x;
}

// A double to the nearest float; below the normal ones, 0. What lies just below 2^-126 and would be
// rounded up to it, were there no end to exponents, stays: the rounding comes first.
float to_float(double x) {
  if (std::abs(x) < 0x1p-126 * (1 - 0x1p-25)) return std::copysign(0.0f, static_cast<float>(x));
  return static_cast<float>(x);
}

// sum + x y, rounded once. The product of two bfloat16 has 16 bits and so is exact in a double; and
// where the addition is not, one of the two is so much smaller than the other, a float, that no
// border between floats is near: rounding twice is rounding once.
float multiply_add(float x, float y, float sum) {
  return to_float(double{x} * double{y} + double{sum});
}

float add(float a, float b) { return to_float(double{a} + double{b}); }

}  // namespace

void ModelTiles::release() {
  configured_ = false;
  config_ = {};
  for (TileMemory& tile : tile_) tile = {};
}

void ModelTiles::configure(const TileConfig& config) {
  refuse_unless(config.palette == 1, "LDTILECFG: palette 1 is the only one");
  for (const auto byte : config.reserved) refuse_unless(byte == 0, "LDTILECFG: a reserved byte");
  for (int t = 0; t < 16; ++t) {
    const int bytes = config.row_bytes[t], rows = config.rows[t];
    refuse_unless(bytes <= (t < tile_count ? tile_bytes : 0), "LDTILECFG: too many bytes a row");
    refuse_unless(rows <= (t < tile_count ? tile_rows : 0), "LDTILECFG: too many rows");
    refuse_unless((bytes == 0) == (rows == 0), "LDTILECFG: rows without bytes");
  }
  release();
  config_ = config;
  configured_ = true;
}

void ModelTiles::check_configured(int t) const {
  refuse_unless(configured_, "no tiles are configured");
  refuse_unless(t >= 0 && t < tile_count && config_.rows[t] > 0, "this tile has no size");
  refuse_unless(config_.row_bytes[t] % 4 == 0, "a row is no whole number of words");
}

void ModelTiles::check_product(int t, int a, int b) const {
  for (const int each : {t, a, b}) check_configured(each);
  refuse_unless(t != a && t != b && a != b, "a product takes three different tiles");
  refuse_unless(config_.rows[t] == config_.rows[a] &&
                    config_.row_bytes[t] == config_.row_bytes[b] &&
                    config_.row_bytes[a] == 4 * config_.rows[b],
                "the sizes of a product do not fit");
}

// What a configuration leaves out of a tile is 0.
void ModelTiles::clear_outside(int t) {
  for (std::size_t i = 0; i < tile_rows; ++i) {
    const std::size_t kept = i < config_.rows[t] ? config_.row_bytes[t] : 0;
    std::memset(tile_[t].row[i] + kept, 0, tile_bytes - kept);
  }
}

void ModelTiles::load(int t, const void* from, std::size_t stride) {
  check_configured(t);
  const auto* bytes = static_cast<const unsigned char*>(from);
  for (std::size_t i = 0; i < config_.rows[t]; ++i) {
    std::memcpy(tile_[t].row[i], bytes + i * stride, config_.row_bytes[t]);
  }
  clear_outside(t);
}

void ModelTiles::store(int t, void* to, std::size_t stride) const {
  check_configured(t);
  auto* bytes = static_cast<unsigned char*>(to);
  for (std::size_t i = 0; i < config_.rows[t]; ++i) {
    std::memcpy(bytes + i * stride, tile_[t].row[i], config_.row_bytes[t]);
  }
}

void ModelTiles::zero(int t) {
  check_configured(t);
  tile_[t] = {};
}

// A: what the left factor's bytes are.
template <class A>
void ModelTiles::multiply_bytes(int t, int a, int b) {
  check_product(t, a, b);
  for (int i = 0; i < tile_rows; ++i) {
    std::uint32_t sum[tile_words];  // it wraps round, as the instruction does
    std::memcpy(sum, tile_[t].row[i], sizeof sum);
    for (int k = 0; k < tile_rows; ++k) {
      for (int j = 0; j < tile_words; ++j) {
        std::int32_t products = 0;  // at most 4 · 255 · 128
        for (int q = 0; q < 4; ++q) {
          products += static_cast<A>(tile_[a].row[i][4 * k + q]) *
                      static_cast<std::int8_t>(tile_[b].row[k][4 * j + q]);
        }
        sum[j] += static_cast<std::uint32_t>(products);
      }
    }
    std::memcpy(tile_[t].row[i], sum, sizeof sum);
  }
}

void ModelTiles::multiply_signed(int t, int a, int b) { multiply_bytes<std::int8_t>(t, a, b); }

void ModelTiles::multiply_unsigned(int t, int a, int b) { multiply_bytes<std::uint8_t>(t, a, b); }

void ModelTiles::multiply_bfloats(int t, int a, int b) {
  check_product(t, a, b);
  const auto number = [&](int tile, int row, int column) {
    Bfloat bits;
    std::memcpy(&bits, tile_[tile].row[row] + 2 * column, sizeof bits);
    return without_denormals(from_bfloat(bits));
  };
  float right[tile_rows][2 * tile_words];
  for (int k = 0; k < tile_rows; ++k) {
    for (int j = 0; j < 2 * tile_words; ++j) right[k][j] = number(b, k, j);
  }
  for (int i = 0; i < config_.rows[t]; ++i) {
    float two[2 * tile_words] = {}, sum[tile_words];
    for (int k = 0; k < config_.rows[b]; ++k) {
      const float left[2] = {number(a, i, 2 * k), number(a, i, 2 * k + 1)};
      for (int j = 0; j < 2 * tile_words; ++j) {
        two[j] = multiply_add(left[j % 2], right[k][j], two[j]);
      }
    }
    std::memcpy(sum, tile_[t].row[i], sizeof sum);
    for (int j = 0; j < tile_words; ++j) {
      sum[j] = add(without_denormals(sum[j]), add(two[2 * j], two[2 * j + 1]));
    }
    std::memcpy(tile_[t].row[i], sum, sizeof sum);
  }
  clear_outside(t);
}

}  // namespace ladder
