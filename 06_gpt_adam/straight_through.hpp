#pragma once
/// \file
/// Weights of few bits that were trained as such (quantization-aware training).

#include <string>
#include <vector>

#include "04_mlp/training.hpp"

namespace ladder {

/// How many different values `bits` make: "4" makes 16, and "1.58" makes 3 (log2 3 = 1.58).
/// \throws UsageError if it is neither 1.58 nor a whole number from 2 to 8
int levels_of(const std::string& bits);

/// Rounds every row to the nearest of `levels` values: code · scale, with codes from -levels/2 to
/// (levels - 1)/2 (of 16 levels -8 to 7, of 3 -1 to 1) and one scale a row. The scale is such that
/// the row's largest number gets the lowest code and stays as it is; if that number is positive,
/// the scale is negative. Of 3 levels it is the mean of the magnitudes (BitNet b1.58, Ma et al.,
/// 2024): with the largest, most numbers would become 0.
void round_rows(Matrix& matrix, int levels);

/// round_rows() of every matrix among them; gains are vectors and stay as they are.
void round_matrices(const std::vector<Parameter*>& parameters, int levels);

/// As tape_step(), but the loss is that of the rounded matrices, and what moves is the exact ones:
/// small moves add up until a number is nearer to the next level. The derivative of rounding is 0
/// nearly everywhere and would teach nothing; so the gradient goes straight through, as if nothing
/// had been rounded (Bengio et al., 2013). A row's largest number sets its scale, and gets the
/// scale's gradient as well (after Esser et al., 2020; not with 3 levels).
Step straight_through_step(std::vector<Parameter*> parameters, int levels, BatchLoss loss,
                           Update update);

}  // namespace ladder
