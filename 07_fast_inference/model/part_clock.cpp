#include "07_fast_inference/model/part_clock.hpp"

namespace ladder {

TimesParts::~TimesParts() = default;

}  // namespace ladder
