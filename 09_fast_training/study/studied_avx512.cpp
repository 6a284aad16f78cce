// The studied programs in sixteen floats. Entered only where the processor has them.
#include "09_fast_training/study/make_studied.hpp"

#if defined(__x86_64__)

namespace ladder {

const Kernels<float>& studied_avx512(std::size_t index) {
  return studied_kernels(index, StudiedIndices());
}

}  // namespace ladder

#endif
