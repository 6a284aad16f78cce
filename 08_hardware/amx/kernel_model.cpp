// The streams by the model of the tiles. Runs everywhere; nobody needs it to be fast.
#include "08_hardware/amx/tile_kernel.hpp"
#include "08_hardware/amx/tiles_model.hpp"

namespace ladder {

TileKernel model_kernel(bool bytes) { return make_tile_kernel<ModelTiles>(bytes); }

void model_multiply_once(TileNumbers numbers, const TileMemory& a, const TileMemory& b,
                         TileMemory& sum) {
  multiply_once<ModelTiles>(numbers, a, b, sum);
}

}  // namespace ladder
