#include "07_fast_inference/one_stream/widths.hpp"
#include "07_fast_inference/study/vector_parts.hpp"

namespace ladder {

// Each is vector_parts.cpp, compiled for that width.
namespace lanes_4 {
std::unique_ptr<VectorParts> vector_parts_of_width(const MicroGpt& model, float temperature);
}
#if defined(__x86_64__)
namespace lanes_8 {
std::unique_ptr<VectorParts> vector_parts_of_width(const MicroGpt& model, float temperature);
}
namespace lanes_16 {
std::unique_ptr<VectorParts> vector_parts_of_width(const MicroGpt& model, float temperature);
}
#endif

VectorParts::~VectorParts() = default;

std::unique_ptr<VectorParts> make_vector_parts(const MicroGpt& model, float temperature) {
  [[maybe_unused]] const int lanes = widest(one_stream_lanes()).lanes;
#if defined(__x86_64__)
  if (lanes == 16) return lanes_16::vector_parts_of_width(model, temperature);
  if (lanes == 8) return lanes_8::vector_parts_of_width(model, temperature);
#endif
  return lanes_4::vector_parts_of_width(model, temperature);
}

}  // namespace ladder
