#pragma once
/// \file
/// What tiles are: the memory that one is loaded from, the configuration, and the order in which a
/// tile wants the numbers of a matrix.
///
/// A processor with AMX has eight registers that are matrices, of up to 16 rows of 64 bytes each.
/// One instruction takes three of them: `sum += a · b`. Two types here can do that:
///
///   ModelTiles (tiles_model.hpp)  plain C++, the same bits, on any machine
///   AmxTiles   (tiles_amx.hpp)    the instructions, where a machine has them
///
/// and each has, with the tiles' numbers as template arguments, for instructions name registers:
///
///   configure()                   gives all eight tiles their full size; once a thread
///   load<t>(memory)               tile t from memory
///   store<t>(memory)              and back
///   zero<t>()                     tile t is 0 from here on
///   multiply_signed<t, a, b>()    t += a · b: 8-bit integers, both signed (tdpbssd)
///   multiply_unsigned<t, a, b>()  the same, those of a unsigned (tdpbusd)
///   multiply_bfloats<t, a, b>()   pairs of bfloat16, added up in fp32 (tdpbf16ps)
///   release()                     the tiles hold nothing any more
///
/// Source of every rule: Intel's Software Developer's Manual, volume 2, the pseudocode of each
/// instruction, and volume 1, chapter 18 (programming with AMX).

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace ladder {

inline constexpr int tile_rows = 16;   ///< of a full tile
inline constexpr int tile_bytes = 64;  ///< in a row of a full tile
inline constexpr int tile_count = 8;   ///< registers
inline constexpr int tile_words = 16;  ///< sums of 32 bits in a row: columns of a product

/// What a full tile is loaded from and stored to, row after row.
struct alignas(64) TileMemory {
  unsigned char row[tile_rows][tile_bytes];  ///< of whatever numbers the instructions take it for
};

/// What LDTILECFG reads: 64 bytes.
struct alignas(64) TileConfig {
  std::uint8_t palette = 1;          ///< 1: eight tiles of up to 16 rows of 64 bytes
  std::uint8_t start_row = 0;        ///< where an interrupted load goes on
  std::uint8_t reserved[14] = {};    ///< 0
  std::uint16_t row_bytes[16] = {};  ///< of each tile; those past the eighth are 0
  std::uint8_t rows[16] = {};        ///< likewise
};
static_assert(sizeof(TileConfig) == 64);

/// All eight as large as they can be. What does not fill one is padded with zeros, which add
/// nothing; so one configuration serves for all matrices, and is loaded once a thread.
inline TileConfig full_tiles() {
  TileConfig config;
  for (int t = 0; t < tile_count; ++t) {
    config.row_bytes[t] = tile_bytes;
    config.rows[t] = tile_rows;
  }
  return config;
}

/// Where the right factor of a product has the weight of output `out` and input `in`: inputs that
/// follow each other lie side by side, as many as make 32 bits (four bytes, two bfloat16), and
/// outputs are those groups' columns. Intel calls it the VNNI form.
/// \tparam Number  of one byte or two
/// \returns its place in bytes from the tile's beginning
template <class Number>
constexpr std::size_t packed_place(std::size_t out, std::size_t in) {
  constexpr std::size_t group = 4 / sizeof(Number);
  return in / group * tile_bytes + out * 4 + in % group * sizeof(Number);
}

/// How many inputs a tile is deep: 64 of a byte, 32 of two.
template <class Number>
inline constexpr std::size_t tile_depth = tile_bytes / sizeof(Number);

/// Packs up to 16 outputs by tile_depth inputs of weights as the right factor; the rest is 0.
/// \param weight  weight(out, in) for every out < outs, in < ins
template <class Number, class Weight>
TileMemory pack_tile(std::size_t outs, std::size_t ins, Weight&& weight) {
  TileMemory tile = {};
  for (std::size_t out = 0; out < outs; ++out) {
    for (std::size_t in = 0; in < ins; ++in) {
      const Number number = weight(out, in);
      std::memcpy(&tile.row[0][0] + packed_place<Number>(out, in), &number, sizeof number);
    }
  }
  return tile;
}

/// The weight of output `out` and input `in` of a packed tile.
template <class Number>
Number unpack(const TileMemory& tile, std::size_t out, std::size_t in) {
  Number number;
  std::memcpy(&number, &tile.row[0][0] + packed_place<Number>(out, in), sizeof number);
  return number;
}

}  // namespace ladder
