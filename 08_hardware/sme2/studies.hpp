#pragma once
/// \file
/// What the program shows beside its engines.

namespace ladder::sme2 {

/// Multiplies matrices of many shapes on SME2 and with NEON, holds both against double precision,
/// and prints the largest error and a fingerprint of all bits.
/// \throws Error if a number is off by more than fp32 may be
void study_matrices();

/// The gradients of a GPT at four widths, three ways: entries to streaming mode, and errors.
/// \throws Error if a gradient is wrong
void study_gradients();

}  // namespace ladder::sme2
