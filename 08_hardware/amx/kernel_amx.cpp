// The streams by the instructions of AMX. This file alone is compiled for a processor that has
// them, and is entered only on one (machine.hpp). Run on Bochs; its speed on a real one was not
// measured.
#include "08_hardware/amx/tile_kernel.hpp"

#if defined(__AMX_INT8__) && defined(__AMX_BF16__) && defined(__AVX512BF16__)

#include "08_hardware/amx/tiles_amx.hpp"

namespace ladder {

static_assert(lanes == 16);

TileKernel amx_kernel(bool bytes) { return make_tile_kernel<AmxTiles>(bytes); }

void amx_multiply_once(TileNumbers numbers, const TileMemory& a, const TileMemory& b,
                       TileMemory& sum) {
  multiply_once<AmxTiles>(numbers, a, b, sum);
}

}  // namespace ladder

#endif
