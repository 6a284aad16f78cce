#pragma once
/// \file
/// Random numbers for every lane, as the tests of the emulated warp want them.

#include <array>

#include "08_hardware/cuda/warp/emulated_warp.hpp"
#include "common/random.hpp"

namespace ladder::gpu {

/// Normal numbers, one a lane.
inline Lanes<float> random_floats(Random& random) {
  Lanes<float> result;
  for (float& x : result.lane) x = static_cast<float>(random.normal());
  return result;
}

/// From 0 to n - 1, one a lane.
inline Lanes<int> random_ints(Random& random, int n) {
  Lanes<int> result;
  for (int& x : result.lane) x = static_cast<int>(random.below(static_cast<std::uint64_t>(n)));
  return result;
}

/// Each lane on or off; lane `sure` is on.
inline Lanes<bool> random_mask(Random& random, std::size_t sure) {
  Lanes<bool> result;
  for (bool& x : result.lane) x = random.below(2) == 1;
  result.lane[sure] = true;
  return result;
}

}  // namespace ladder::gpu
