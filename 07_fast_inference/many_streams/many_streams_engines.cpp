#include "07_fast_inference/many_streams/many_streams_engines.hpp"

#include "07_fast_inference/one_stream/widths.hpp"

namespace ladder {

std::unique_ptr<Engine> make_streams(const MicroGpt& model) {
  return widest(many_streams_lanes).streams(model);
}

}  // namespace ladder
