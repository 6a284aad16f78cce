#pragma once
/// \file
/// Tiles in plain C++: what each instruction computes, bit by bit, and what it refuses.

#include "08_hardware/amx/tiles.hpp"

namespace ladder {

/// Eight tiles and their configuration. Where an instruction would raise an exception of the
/// processor, a function here throws a std::logic_error.
class ModelTiles {
 public:
  /// \name As tiles.hpp says
  /// \{

  /// All eight tiles full.
  void configure() { configure(full_tiles()); }
  /// The whole tile t.
  template <int t>
  void load(const TileMemory& from) {
    load(t, &from, tile_bytes);
  }
  /// The whole tile t.
  template <int t>
  void store(TileMemory& to) const {
    store(t, &to, tile_bytes);
  }
  /// Every number of tile t.
  template <int t>
  void zero() {
    zero(t);
  }
  /// Tile t += tile a times tile b, bytes with a sign.
  template <int t, int a, int b>
  void multiply_signed() {
    multiply_signed(t, a, b);
  }
  /// The same, those of a without one.
  template <int t, int a, int b>
  void multiply_unsigned() {
    multiply_unsigned(t, a, b);
  }
  /// The same, of bfloat16.
  template <int t, int a, int b>
  void multiply_bfloats() {
    multiply_bfloats(t, a, b);
  }
  /// TILERELEASE: no tile is configured afterwards.
  void release();
  /// \}

  /// LDTILECFG: every tile is 0 afterwards. \throws std::logic_error for a palette, a size or a
  /// reserved byte that the instruction refuses
  void configure(const TileConfig& config);
  /// TILELOADD: rows from `from`, `stride` bytes apart.
  void load(int t, const void* from, std::size_t stride);
  /// TILESTORED
  void store(int t, void* to, std::size_t stride) const;
  /// TILEZERO
  void zero(int t);
  /// TDPBSSD
  void multiply_signed(int t, int a, int b);
  /// TDPBUSD
  void multiply_unsigned(int t, int a, int b);
  /// TDPBF16PS. Even inputs make one sum and odd ones another, each by fused multiply-adds in the
  /// order of the inputs; then both are added, then that to the tile. Every step rounds to the
  /// nearest even; numbers too small to be normal (below 2^-126) are taken and given as 0.
  void multiply_bfloats(int t, int a, int b);

 private:
  void check_configured(int t) const;
  void check_product(int t, int a, int b) const;
  template <class A>
  void multiply_bytes(int t, int a, int b);
  void clear_outside(int t);

  bool configured_ = false;
  TileConfig config_;
  TileMemory tile_[tile_count] = {};
};

}  // namespace ladder
