#pragma once
/// \file
/// Q4.12 in NEON beside 07's definition of it, bit by bit.

namespace ladder::neon {

/// Prints a line for each engine: how many logits were compared, how many differ, how many draws
/// do. \throws Error if one does
void check_bits();

}  // namespace ladder::neon
