#include "common/shipped.hpp"

namespace ladder {

std::string shipped_weights_path() { return LADDER_ROOT "/common/data/microgpt.safetensors"; }
std::string shipped_golden_path() { return LADDER_ROOT "/common/data/microgpt_golden.json"; }

}  // namespace ladder
