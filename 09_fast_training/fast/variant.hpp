#pragma once
/// \file
/// The history of the fast version as switches: what each idea brings is measured by leaving it
/// out.

namespace ladder {

/// What a pass through the model does; each is decided when it is compiled. The default is the
/// version that trains.
struct Variant {
  bool registers = true;    ///< products add up in tiles of registers; else in a row in memory
  bool fused_qkv = true;    ///< one product gives queries, keys and values; else three
  bool fused_relu = true;   ///< ReLU and its mask at the end of a product; else passes of their own
  bool fast_exp = true;     ///< exp by a polynomial; else the library's, number by number
  bool fast_adam = true;    ///< Adam's quotient estimated, with a Newton step; else exact
  bool split_adam = false;  ///< meant to lose: three passes, for m, v and the parameters
  bool skip_zeros = false;  ///< meant to lose: no products with 0 (registers = false only)
  bool tall_tiles = false;  ///< meant to lose: tiles of twice as many rows as registers hold

  constexpr bool operator==(const Variant&) const = default;  ///< the same program
};

}  // namespace ladder
