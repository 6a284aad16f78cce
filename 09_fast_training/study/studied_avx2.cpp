// The studied programs in eight floats. Entered only where the processor has them.
#include "09_fast_training/study/make_studied.hpp"

#if defined(__x86_64__)

namespace ladder {

const Kernels<float>& studied_avx2(std::size_t index) {
  return studied_kernels(index, StudiedIndices());
}

}  // namespace ladder

#endif
