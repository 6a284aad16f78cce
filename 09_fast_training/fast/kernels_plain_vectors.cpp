// The vectors that every machine of its kind has: four floats (SSE2, NEON).
#include "09_fast_training/fast/make_kernels.hpp"

namespace ladder {

const Kernels<float>& plain_vectors_float(int width) { return kernels_of_width<float>(width); }

const Kernels<double>& plain_vectors_double(int width) { return kernels_of_width<double>(width); }

}  // namespace ladder
