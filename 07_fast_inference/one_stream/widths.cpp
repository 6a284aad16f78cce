#include "07_fast_inference/one_stream/widths.hpp"

#include <vector>

#include "07_fast_inference/one_stream/one_stream_engines.hpp"

namespace ladder {

// Each is vector_engines.cpp, compiled for that width.
namespace lanes_4 {
extern const VectorEngines vector_engines;
}
#if defined(__x86_64__)
namespace lanes_8 {
extern const VectorEngines vector_engines;
}
namespace lanes_16 {
extern const VectorEngines vector_engines;
}
#endif

std::span<const VectorEngines* const> all_widths() {
  static const std::vector<const VectorEngines*> all = [] {
    std::vector<const VectorEngines*> found = {&lanes_4::vector_engines};
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
        __builtin_cpu_supports("bmi2")) {
      found.push_back(&lanes_8::vector_engines);
    }
    if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
      found.push_back(&lanes_16::vector_engines);
    }
#endif
    return found;
  }();
  return all;
}

const VectorEngines& widest(int most_lanes) {
  const VectorEngines* best = all_widths().front();
  for (const VectorEngines* width : all_widths()) {
    if (width->lanes <= most_lanes) best = width;
  }
  return *best;
}

int one_stream_lanes() {
#if defined(__x86_64__)
  if (__builtin_cpu_is("intel")) return 16;
#endif
  return 8;
}

std::unique_ptr<Engine> make_columns(const MicroGpt& model) {
  return widest(one_stream_lanes()).columns(model);
}

std::unique_ptr<Engine> make_tables(const MicroGpt& model) {
  return widest(one_stream_lanes()).tables(model);
}

std::unique_ptr<Engine> make_int16(const MicroGpt& model) {
  return widest(one_stream_lanes()).int16(model);
}

}  // namespace ladder
