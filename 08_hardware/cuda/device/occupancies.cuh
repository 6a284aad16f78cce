#pragma once
/// \file
/// Each kernel is known in its own file only, and answers for its occupancy there.

#include "08_hardware/cuda/device/engines.hpp"

namespace ladder::gpu {

/// Of v3's kernel.
Occupancy occupancy_of_persistent();
/// Of v4's.
Occupancy occupancy_of_one_stream();
/// Of v5's.
Occupancy occupancy_of_many_streams();
/// Of v6's.
Occupancy occupancy_of_tensor();

}  // namespace ladder::gpu
