// Sixteen floats. Entered only where the processor has them.
#include "09_fast_training/fast/make_kernels.hpp"

#if defined(__x86_64__)

namespace ladder {

const Kernels<float>& avx512_float(int width) { return kernels_of_width<float>(width); }

const Kernels<double>& avx512_double(int width) { return kernels_of_width<double>(width); }

}  // namespace ladder

#endif
