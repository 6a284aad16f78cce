// The streams by the instructions of AMX, and by the model of the tiles compiled with the same
// vectors, so that the two may be compared bit by bit. This file alone is compiled for a processor
// with AMX, and is entered only on one (machine.hpp). Run under Bochs; its speed on a real one has
// not been measured.
#include "08_hardware/amx/tile_kernel.hpp"

#if defined(__AMX_INT8__) && defined(__AMX_BF16__) && defined(__AVX512BF16__)

#include "08_hardware/amx/tiles_amx.hpp"

namespace ladder {

static_assert(lanes == 16);

TileKernel amx_kernel(bool bytes) { return make_tile_kernel<AmxTiles>(bytes); }

}  // namespace ladder

#endif
