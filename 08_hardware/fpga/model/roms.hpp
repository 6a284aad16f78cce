#pragma once
/// \file
/// What is written into the chip when it is configured, made of the weights: the memories as
/// rtl/*.sv read them, and the constants of rtl/model.sv.

#include <string>
#include <vector>

#include "07_fast_inference/fixed_point/fixed_model.hpp"

namespace ladder {

/// A memory of the chip: words as wide as one read needs.
struct Rom {
  std::string name;  ///< of the file, without .hex
  int width;         ///< bits of a word
  /// (depth, width / 16 rounded up) each word's 16-bit parts, bits 0 to 15 first
  std::vector<std::vector<std::uint16_t>> words;

  /// Equal in name, shape and words.
  bool operator==(const Rom&) const = default;
};

/// How many rows of 8 x 16 weights the engine has.
inline constexpr int weight_rows = 28;

/// `weights`, `wte`, `wpe`, which the weights decide, and the tables `exp`, `reciprocal`, `rsqrt`.
///
/// A row of `weights` is 8 outputs x 16 inputs, output by output from bit 0 on: 2 rows attn_wk, 2
/// attn_wq, 2 attn_wv, 2 attn_wo, 8 mlp_fc1; then mlp_fc2, row 2b + half being outputs 8 half to
/// 8 half + 7, inputs 16 b to 16 b + 15; then 4 lm_head, of which the last five outputs are 0.
/// \throws Error if the model is none that this chip can compute: it has a final norm, an exponent
///         where the chip has no shift for one, or sums that leave 32 bits.
std::vector<Rom> roms_of(const FixedModel& model);

/// For $readmemh: a word a line in hexadecimal, the first one is address 0.
std::string to_hex(const Rom& rom);

/// The SystemVerilog package `model`: shifts, and RMSNorm's epsilon.
/// \throws Error as roms_of()
std::string package_of(const FixedModel& model);

}  // namespace ladder
